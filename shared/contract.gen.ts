// @ts-nocheck: the validators below are plain JavaScript; their types are declared where they are exported.
// Generated from openapi.yaml by `npm run generate`. Do not edit.
import type { ValidateFunction } from 'ajv';

export interface paths {
    "/feeling": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the feeling of an emoji
         * @description `emoji_type` 0 is positive, 1 is neutral, and every other number is negative.
         *     The response returns the message unchanged.
         *
         *     A body has at most 1,048,576 bytes, at most 65,536 of them outside strings. The longest message fits, even if
         *     every character of it is escaped. The rest is room for white space and other members.
         *
         *     A body is UTF-8. API Gateway replaces other bytes with U+FFFD before the function reads the body. The function
         *     responds with 400 if the body became longer. It cannot detect a replaced sequence of three bytes, such as an
         *     emoji without its last byte: the message of the response then has U+FFFD in its place.
         */
        post: operations["feeling"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The API ignores any other members. */
        FeelingRequest: {
            /**
             * @description 0 is positive, 1 is neutral, and every other finite number is negative. The API reads a number as a double
             *     (IEEE 754): `1e-400` is 0, `1.0000000000000001` is 1, and `1e400` is not finite.
             */
            emoji_type: number;
            /** @description The text that the person wrote. At most 65,536 Unicode code points. */
            message: string;
        };
        FeelingResponse: {
            feeling: components["schemas"]["Feeling"];
            /** @description The message of the request, unchanged if the body was UTF-8. */
            message: string;
        };
        /** @enum {string} */
        Feeling: "positive" | "neutral" | "negative";
        /** @description The body is missing, is not UTF-8, or is not JSON. */
        NotJsonProblem: {
            /** @enum {string} */
            type: "/problems/not-json";
            title: string;
            /** @enum {integer} */
            status: 400;
            detail: string;
        };
        /** @description The body is JSON but does not match the schema. `errors` lists every invalid member. */
        InvalidBodyProblem: {
            /** @enum {string} */
            type: "/problems/invalid-body";
            title: string;
            /** @enum {integer} */
            status: 400;
            detail: string;
            errors: components["schemas"]["ValidationError"][];
        };
        /** @description A parameter in the path, the query or a header does not match its schema. `errors` lists every invalid one. */
        InvalidParametersProblem: {
            /** @enum {string} */
            type: "/problems/invalid-parameters";
            title: string;
            /** @enum {integer} */
            status: 400;
            detail: string;
            /** @description The pointers begin with `#/path/`, `#/query/` or `#/header/` and the name of the parameter. */
            errors: components["schemas"]["ValidationError"][];
        };
        ValidationError: {
            /** @description A JSON Pointer (RFC 6901) to the member, as a URI fragment. `#` is the whole body. */
            pointer: string;
            /** @description What the member must be, such as `must be a number`. */
            detail: string;
        };
        /** @description The body has more than 1,048,576 bytes, or more than 65,536 bytes outside strings. */
        TooLargeProblem: {
            /** @enum {string} */
            type: "/problems/too-large";
            title: string;
            /** @enum {integer} */
            status: 413;
            detail: string;
        };
        /** @description The media type is not `application/json`, the charset is not UTF-8, or the body is compressed. */
        UnsupportedMediaTypeProblem: {
            /** @enum {string} */
            type: "/problems/unsupported-media-type";
            title: string;
            /** @enum {integer} */
            status: 415;
            detail: string;
        };
        InternalProblem: {
            /** @enum {string} */
            type: "about:blank";
            title: string;
            /** @enum {integer} */
            status: 500;
            /** @description The ID of the invocation in the logs. Include it when you report the problem. */
            request_id: string;
        };
        /** @description A response that API Gateway creates itself. An HTTP API cannot customise it. */
        GatewayError: {
            message: string;
        };
        /**
         * @description The answer to a request from a queue, in the queue for answers. It may come twice, with the same `id`. A
         *     request that does not match its schema has no answer: it goes to the dead-letter queue. A request with the
         *     member `"canary": true` has an answer, but is counted apart.
         */
        FeelingAnswer: {
            /** @description The message ID of the request, as SQS gave it to the sender. */
            id: string;
            /** @description The event source by Lambda's name for it, such as `aws:sqs`. */
            source: string;
            feeling: components["schemas"]["Feeling"];
            /** @description The message of the request, unchanged. */
            message: string;
        };
    };
    responses: {
        /** @description The body is not valid; `type` says why */
        BadRequest: {
            headers: {
                "cache-control": components["headers"]["cache-control"];
                "strict-transport-security": components["headers"]["strict-transport-security"];
                "x-content-type-options": components["headers"]["x-content-type-options"];
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["NotJsonProblem"] | components["schemas"]["InvalidBodyProblem"];
            };
        };
        /** @description A parameter is not valid */
        BadParameters: {
            headers: {
                "cache-control": components["headers"]["cache-control"];
                "strict-transport-security": components["headers"]["strict-transport-security"];
                "x-content-type-options": components["headers"]["x-content-type-options"];
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["InvalidParametersProblem"];
            };
        };
        /** @description A parameter or the body is not valid; `type` says why */
        BadParametersOrBody: {
            headers: {
                "cache-control": components["headers"]["cache-control"];
                "strict-transport-security": components["headers"]["strict-transport-security"];
                "x-content-type-options": components["headers"]["x-content-type-options"];
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["InvalidParametersProblem"] | components["schemas"]["NotJsonProblem"] | components["schemas"]["InvalidBodyProblem"];
            };
        };
        /** @description The API does not support the media type, charset or encoding of the body */
        UnsupportedMediaType: {
            headers: {
                "cache-control": components["headers"]["cache-control"];
                "strict-transport-security": components["headers"]["strict-transport-security"];
                "x-content-type-options": components["headers"]["x-content-type-options"];
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnsupportedMediaTypeProblem"];
            };
        };
        /**
         * @description The body is too large. `application/problem+json` if the function refused it, `application/json` if the
         *     invocation event would exceed 6 MB, so that the gateway did not invoke the function.
         */
        TooLarge: {
            headers: {
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["TooLargeProblem"];
                "application/json": components["schemas"]["GatewayError"];
            };
        };
        /**
         * @description The API failed; the request may be valid. `application/problem+json` if the function caught the error,
         *     `application/json` if the function crashed, timed out or ran out of memory.
         */
        InternalError: {
            headers: {
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["InternalProblem"];
                "application/json": components["schemas"]["GatewayError"];
            };
        };
        /** @description The stage requires a token, and the request has no valid one */
        Unauthorized: {
            headers: {
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["GatewayError"];
            };
        };
        /** @description No operation has this method and path. A wrong method is also 404, never 405 */
        NotFound: {
            headers: {
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["GatewayError"];
            };
        };
        /** @description The request exceeds the throttle of the stage. Wait, then retry */
        TooManyRequests: {
            headers: {
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["GatewayError"];
            };
        };
        /** @description The request line and headers exceed 10,240 bytes */
        HeadersTooLarge: {
            headers: {
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["GatewayError"];
            };
        };
        /** @description The function did not respond in time or could not start. Retry */
        Unavailable: {
            headers: {
                "apigw-requestid": components["headers"]["apigw-requestid"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["GatewayError"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Caches must not store the response. */
        "cache-control": "no-store";
        /** @description Browsers must use HTTPS for one year. */
        "strict-transport-security": "max-age=31536000";
        /** @description Browsers must not guess the media type. */
        "x-content-type-options": "nosniff";
        /** @description The ID of the request in the gateway's access log. */
        "apigw-requestid": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    feeling: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FeelingRequest"];
            };
        };
        responses: {
            /** @description The feeling and the unchanged message */
            200: {
                headers: {
                    "cache-control": components["headers"]["cache-control"];
                    "strict-transport-security": components["headers"]["strict-transport-security"];
                    "x-content-type-options": components["headers"]["x-content-type-options"];
                    "apigw-requestid": components["headers"]["apigw-requestid"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeelingResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
}

export const operationList = [
  {
    "operationId": "feeling",
    "method": "POST",
    "path": "/feeling",
    "routePath": "/feeling",
    "direct": true,
    "records": true,
    "headers": []
  }
] as const;

const compiledFeelingRequest = validate10;
const schema11 = {"description":"The API ignores any other members.","type":"object","required":["emoji_type","message"],"properties":{"emoji_type":{"description":"0 is positive, 1 is neutral, and every other finite number is negative. The API reads a number as a double\n(IEEE 754): `1e-400` is 0, `1.0000000000000001` is 1, and `1e400` is not finite.\n","type":"number"},"message":{"description":"The text that the person wrote. At most 65,536 Unicode code points.","type":"string","maxLength":65536}}};
const func2 = function ucs2length(str) {
    const len = str.length;
    let length = 0;
    let pos = 0;
    let value;
    while (pos < len) {
        length++;
        value = str.charCodeAt(pos++);
        if (value >= 0xd800 && value <= 0xdbff && pos < len) {
            // high surrogate, and there is a next character
            value = str.charCodeAt(pos);
            if ((value & 0xfc00) === 0xdc00)
                pos++; // low surrogate
        }
    }
    return length;
};

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.emoji_type === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "emoji_type"},message:"is required"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.message === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "message"},message:"is required"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.emoji_type !== undefined){
let data0 = data.emoji_type;
if(!((typeof data0 == "number") && (isFinite(data0)))){
const err2 = {instancePath:instancePath+"/emoji_type",schemaPath:"#/properties/emoji_type/type",keyword:"type",params:{type: "number"},message:"must be a number"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.message !== undefined){
let data1 = data.message;
if(typeof data1 === "string"){
if(func2(data1) > 65536){
const err3 = {instancePath:instancePath+"/message",schemaPath:"#/properties/message/maxLength",keyword:"maxLength",params:{limit: 65536},message:"must have at most 65,536 characters"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/message",schemaPath:"#/properties/message/type",keyword:"type",params:{type: "string"},message:"must be a string"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
}
else {
const err5 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be an object"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}

export const validateFeelingRequest: ValidateFunction<components['schemas']['FeelingRequest']> = compiledFeelingRequest;
