// Generated from openapi.yaml by `npm run generate`. Do not edit.
import { validateFeelingRequest } from '../contract.gen.ts';
import type { MockOperation } from './mock-operation.ts';

/** The names of the examples of the responses, by operationId. */
export interface ExampleNames {
  "feeling": "positive" | "neutral" | "negative" | "anything_else_is_negative" | "not_json" | "invalid_body" | "unauthorized" | "not_found" | "too_large" | "unsupported_media_type" | "too_many_requests" | "headers_too_large" | "internal" | "function_failed" | "unavailable";
}

export const mockOperations: MockOperation[] = [{ operationId: "feeling",
method: "POST",
path: "/feeling",
requests: [
  {
    "name": "positive",
    "value": {
      "emoji_type": 0,
      "message": "hi 🎉"
    }
  },
  {
    "name": "neutral",
    "value": {
      "emoji_type": 1,
      "message": "noted"
    }
  },
  {
    "name": "negative",
    "value": {
      "emoji_type": 2,
      "message": "oh no"
    }
  },
  {
    "name": "anything_else_is_negative",
    "value": {
      "emoji_type": -0.5,
      "message": ""
    }
  }
],
responses: [
  {
    "name": "positive",
    "status": 200,
    "headers": {
      "content-type": "application/json",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "apigw-requestid": "mock"
    },
    "body": {
      "feeling": "positive",
      "message": "hi 🎉"
    }
  },
  {
    "name": "neutral",
    "status": 200,
    "headers": {
      "content-type": "application/json",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "apigw-requestid": "mock"
    },
    "body": {
      "feeling": "neutral",
      "message": "noted"
    }
  },
  {
    "name": "negative",
    "status": 200,
    "headers": {
      "content-type": "application/json",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "apigw-requestid": "mock"
    },
    "body": {
      "feeling": "negative",
      "message": "oh no"
    }
  },
  {
    "name": "anything_else_is_negative",
    "status": 200,
    "headers": {
      "content-type": "application/json",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "apigw-requestid": "mock"
    },
    "body": {
      "feeling": "negative",
      "message": ""
    }
  },
  {
    "name": "not_json",
    "status": 400,
    "headers": {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "apigw-requestid": "mock"
    },
    "body": {
      "type": "/problems/not-json",
      "title": "The body is not JSON",
      "status": 400,
      "detail": "Send a JSON object in UTF-8, such as {\"emoji_type\":0,\"message\":\"hi\"}."
    }
  },
  {
    "name": "invalid_body",
    "status": 400,
    "headers": {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "apigw-requestid": "mock"
    },
    "body": {
      "type": "/problems/invalid-body",
      "title": "The body does not match the schema",
      "status": 400,
      "detail": "Correct every member that is listed in \"errors\" and send the request again.",
      "errors": [
        {
          "pointer": "#/message",
          "detail": "is required"
        },
        {
          "pointer": "#/emoji_type",
          "detail": "must be a number"
        }
      ]
    }
  },
  {
    "name": "unauthorized",
    "status": 401,
    "headers": {
      "content-type": "application/json",
      "apigw-requestid": "mock"
    },
    "body": {
      "message": "Unauthorized"
    }
  },
  {
    "name": "not_found",
    "status": 404,
    "headers": {
      "content-type": "application/json",
      "apigw-requestid": "mock"
    },
    "body": {
      "message": "Not Found"
    }
  },
  {
    "name": "too_large",
    "status": 413,
    "headers": {
      "content-type": "application/json",
      "apigw-requestid": "mock"
    },
    "body": {
      "message": "Request Entity Too Large"
    }
  },
  {
    "name": "unsupported_media_type",
    "status": 415,
    "headers": {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
      "apigw-requestid": "mock"
    },
    "body": {
      "type": "/problems/unsupported-media-type",
      "title": "The media type is not supported",
      "status": 415,
      "detail": "Send the header \"content-type: application/json\" and the body in UTF-8, not compressed."
    }
  },
  {
    "name": "too_many_requests",
    "status": 429,
    "headers": {
      "content-type": "application/json",
      "apigw-requestid": "mock"
    },
    "body": {
      "message": "Too Many Requests"
    }
  },
  {
    "name": "headers_too_large",
    "status": 431,
    "headers": {
      "content-type": "application/json",
      "apigw-requestid": "mock"
    },
    "body": {
      "message": "Request Header Fields Too Large"
    }
  },
  {
    "name": "internal",
    "status": 500,
    "headers": {
      "content-type": "application/problem+json",
      "apigw-requestid": "mock"
    },
    "body": {
      "type": "about:blank",
      "title": "Internal Server Error",
      "status": 500,
      "request_id": "0b5cd03d-7f4f-4a53-9a3e-7f2a1f0a3c11"
    }
  },
  {
    "name": "function_failed",
    "status": 500,
    "headers": {
      "content-type": "application/json",
      "apigw-requestid": "mock"
    },
    "body": {
      "message": "Internal Server Error"
    }
  },
  {
    "name": "unavailable",
    "status": 503,
    "headers": {
      "content-type": "application/json",
      "apigw-requestid": "mock"
    },
    "body": {
      "message": "Service Unavailable"
    }
  }
],
validate: validateFeelingRequest }];
