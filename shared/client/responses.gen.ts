// Generated from openapi.yaml by `npm run generate`. Do not edit.
import type { QueryStyles } from './query-serializer.ts';
import type { ResponseSchema } from './schema-match.ts';

/** The schemas of the responses, without what `matchesSchema` does not read. */
export const schemas: Record<string, ResponseSchema> = {
  "FeelingResponse": {
    "type": "object",
    "required": [
      "feeling",
      "message"
    ],
    "properties": {
      "feeling": {
        "$ref": "Feeling"
      },
      "message": {
        "type": "string"
      }
    }
  },
  "NotJsonProblem": {
    "type": "object",
    "required": [
      "type",
      "title",
      "status",
      "detail"
    ],
    "properties": {
      "type": {
        "type": "string",
        "enum": [
          "/problems/not-json"
        ]
      },
      "title": {
        "type": "string"
      },
      "status": {
        "type": "integer",
        "enum": [
          400
        ]
      },
      "detail": {
        "type": "string"
      }
    }
  },
  "InvalidBodyProblem": {
    "type": "object",
    "required": [
      "type",
      "title",
      "status",
      "detail",
      "errors"
    ],
    "properties": {
      "type": {
        "type": "string",
        "enum": [
          "/problems/invalid-body"
        ]
      },
      "title": {
        "type": "string"
      },
      "status": {
        "type": "integer",
        "enum": [
          400
        ]
      },
      "detail": {
        "type": "string"
      },
      "errors": {
        "type": "array",
        "items": {
          "$ref": "ValidationError"
        }
      }
    }
  },
  "GatewayError": {
    "type": "object",
    "required": [
      "message"
    ],
    "properties": {
      "message": {
        "type": "string"
      }
    }
  },
  "TooLargeProblem": {
    "type": "object",
    "required": [
      "type",
      "title",
      "status",
      "detail"
    ],
    "properties": {
      "type": {
        "type": "string",
        "enum": [
          "/problems/too-large"
        ]
      },
      "title": {
        "type": "string"
      },
      "status": {
        "type": "integer",
        "enum": [
          413
        ]
      },
      "detail": {
        "type": "string"
      }
    }
  },
  "UnsupportedMediaTypeProblem": {
    "type": "object",
    "required": [
      "type",
      "title",
      "status",
      "detail"
    ],
    "properties": {
      "type": {
        "type": "string",
        "enum": [
          "/problems/unsupported-media-type"
        ]
      },
      "title": {
        "type": "string"
      },
      "status": {
        "type": "integer",
        "enum": [
          415
        ]
      },
      "detail": {
        "type": "string"
      }
    }
  },
  "InternalProblem": {
    "type": "object",
    "required": [
      "type",
      "title",
      "status",
      "request_id"
    ],
    "properties": {
      "type": {
        "type": "string",
        "enum": [
          "about:blank"
        ]
      },
      "title": {
        "type": "string"
      },
      "status": {
        "type": "integer",
        "enum": [
          500
        ]
      },
      "request_id": {
        "type": "string"
      }
    }
  },
  "Feeling": {
    "type": "string",
    "enum": [
      "positive",
      "neutral",
      "negative"
    ]
  },
  "ValidationError": {
    "type": "object",
    "required": [
      "pointer",
      "detail"
    ],
    "properties": {
      "pointer": {
        "type": "string"
      },
      "detail": {
        "type": "string"
      }
    }
  }
};

/** What each operation responds with, by method and path. */
export const responsesOf: Record<string, { data?: ResponseSchema; error?: ResponseSchema; isEmptyAllowed?: boolean }> = {
  "POST /feeling": {
    "data": {
      "$ref": "FeelingResponse"
    },
    "error": {
      "anyOf": [
        {
          "anyOf": [
            {
              "$ref": "NotJsonProblem"
            },
            {
              "$ref": "InvalidBodyProblem"
            }
          ]
        },
        {
          "$ref": "GatewayError"
        },
        {
          "$ref": "TooLargeProblem"
        },
        {
          "$ref": "UnsupportedMediaTypeProblem"
        },
        {
          "$ref": "InternalProblem"
        }
      ]
    }
  }
};

/** The styles of query parameters that are not repeated for each item, by method and path, and by name. */
export const queryStyles: QueryStyles = {};
