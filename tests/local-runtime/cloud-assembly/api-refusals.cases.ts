import type { Refusal } from './refusal.ts';
import { find } from './template.ts';

/** APIs, stages, routes, authorizers and integrations that cannot be served as on AWS. */
export const apiRefusals: Refusal[] = [
  ...[
    'GET /things/{id}.json',
    'GET /{name+}/things',
    'GET /{}',
    'GET /things/',
    'GET /a//b',
    'GET ',
    'TRACE /fn',
    'get /fn',
    '/fn',
    '$other',
  ].map(
    (RouteKey): Refusal => ({
      what: `a route with the key ${RouteKey}, which cannot be deployed`,
      type: 'AWS::ApiGatewayV2::Route',
      properties: { RouteKey },
      says: /must be \$default, or a method or ANY and a path such as \/things\/{id}[\s\S]*RouteKey/,
    }),
  ),
  {
    what: 'two routes whose variables differ in name only',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      const { resource } = find(template, 'AWS::ApiGatewayV2::Route');
      const { Properties } = find(template, 'AWS::Lambda::Permission').resource;
      delete Properties['SourceArn'];
      resource.Properties['RouteKey'] = 'GET /things/{id}';
      const twin = { ...resource, Properties: { ...resource.Properties, RouteKey: 'GET /things/{name}' } };
      template.Resources['TwinRoute'] = twin;
    },
    isLast: true,
    says: /GET \/things\/{name} and GET \/things\/{id} are the same route, so it cannot be deployed/,
  },
  ...['GET', 'ANY'].map(
    (method): Refusal => ({
      what: `a route for any method with a permission for the method ${method} only`,
      type: 'AWS::ApiGatewayV2::Route',
      edit: (template) => {
        find(template, 'AWS::ApiGatewayV2::Route').resource.Properties['RouteKey'] = 'ANY /fn';
        const { Properties } = find(template, 'AWS::Lambda::Permission').resource;
        Properties['SourceArn'] = `arn:aws:execute-api:us-east-1:000000000000:*/*/${method}/fn`;
      },
      says: /ANY \/fn would always return 500: nothing permits it/,
    }),
  ),
  {
    what: 'a route with an authorizer that does not exist',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizerId: 'a' },
    says: /GET \/fn has AuthorizationType JWT: give it JWT and an AuthorizerId of this stack, or NONE without them/,
  },
  {
    what: 'a route that requires a token but has no authorizer',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizerId: undefined },
    says: /GET \/fn has AuthorizationType JWT: give it/,
  },
  {
    what: 'a route that has an authorizer but does not use it',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizationType: 'NONE' },
    says: /GET \/fn has AuthorizationType NONE: give it/,
  },
  {
    what: 'a route that has an authorizer but no AuthorizationType',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizationType: undefined },
    says: /GET \/fn has AuthorizationType NONE: give it/,
  },
  {
    what: 'a route with IAM authorization',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { AuthorizationType: 'AWS_IAM' },
    says: /AuthorizationType/,
  },
  {
    what: 'a Lambda authorizer',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { AuthorizerType: 'REQUEST' },
    says: /AuthorizerType/,
  },
  {
    what: 'an authorizer that reads the token from the query',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { IdentitySource: ['$request.querystring.token'] },
    says: /must be \$request\.header\.Authorization/,
  },
  {
    what: 'an authorizer that reads the token from two places',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { IdentitySource: ['$request.header.Authorization', '$request.querystring.token'] },
    says: /IdentitySource/,
  },
  {
    what: 'an issuer with a plain http URL',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { JwtConfiguration: { Issuer: 'http://issuer.example', Audience: ['a'] } },
    says: /must be an https URL, or an http URL of this machine[\s\S]*Issuer/,
  },
  {
    what: 'an authorizer without an audience',
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: { JwtConfiguration: { Issuer: 'https://issuer.example', Audience: [] } },
    says: /Audience/,
  },
  {
    what: 'a route without an integration',
    type: 'AWS::ApiGatewayV2::Route',
    properties: { Target: 'integrations/absent' },
    says: /GET \/fn invokes no function of this stack/,
  },
  /** @aws 1.4: A route without permission to invoke its function gets 500. @here it stops the start. */
  {
    what: 'a route without a permission',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      delete template.Resources[find(template, 'AWS::Lambda::Permission').id];
    },
    says: /GET \/fn would always return 500: nothing permits it to invoke fn/,
  },
  {
    what: 'a route with a permission for another route',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      const { Properties } = find(template, 'AWS::Lambda::Permission').resource;
      const { id } = find(template, 'AWS::ApiGatewayV2::Api');
      Properties['SourceArn'] = { 'Fn::Sub': `arn:aws:execute-api:us-east-1:\${AWS::AccountId}:\${${id}}/*/POST/fn` };
    },
    says: /nothing permits it/,
  },
  ...['fn', { Ref: 'fn5FF616E3' }, 'fn:1', 'fn:$LATEST', 'fn:other', 'other:live'].map(
    (FunctionName): Refusal => ({
      what: `a route to an alias with a permission for ${JSON.stringify(FunctionName)}`,
      type: 'AWS::ApiGatewayV2::Route',
      edit: (template) => {
        find(template, 'AWS::Lambda::Permission').resource.Properties['FunctionName'] = FunctionName;
      },
      says: /nothing permits it to invoke fn:live\./,
    }),
  ),
  {
    what: 'a route to a function with a permission for its alias',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      const { id } = find(template, 'AWS::Lambda::Function');
      const { Properties } = find(template, 'AWS::ApiGatewayV2::Integration').resource;
      Properties['IntegrationUri'] = { 'Fn::GetAtt': [id, 'Arn'] };
    },
    says: /nothing permits it to invoke fn\./,
  },
  {
    what: 'a route to an alias that does not exist',
    type: 'AWS::ApiGatewayV2::Route',
    edit: (template) => {
      const { Properties } = find(template, 'AWS::ApiGatewayV2::Integration').resource;
      Properties['IntegrationUri'] = 'arn:aws:lambda:us-east-1:000000000000:function:fn:other';
    },
    says: /GET \/fn invokes no function of this stack/,
  },
  {
    what: 'an integration of payload format 1.0',
    type: 'AWS::ApiGatewayV2::Integration',
    properties: { PayloadFormatVersion: '1.0' },
    says: /PayloadFormatVersion/,
  },
  {
    what: 'an integration over HTTP',
    type: 'AWS::ApiGatewayV2::Integration',
    properties: { IntegrationType: 'HTTP_PROXY', IntegrationUri: 'https://example.com' },
    says: /IntegrationType/,
  },
  {
    what: 'a stage other than $default',
    type: 'AWS::ApiGatewayV2::Stage',
    properties: { StageName: 'dev' },
    says: /\$default[\s\S]*StageName/,
  },
  {
    what: 'stage variables',
    type: 'AWS::ApiGatewayV2::Stage',
    properties: { StageVariables: { a: '1' } },
    says: /StageVariables/,
  },
  {
    what: 'a WebSocket API',
    type: 'AWS::ApiGatewayV2::Api',
    properties: { ProtocolType: 'WEBSOCKET' },
    says: /ProtocolType/,
  },
  {
    what: 'a stack with two APIs',
    edit: (template) => {
      template.Resources['SecondApi'] = find(template, 'AWS::ApiGatewayV2::Api').resource;
    },
    says: /has 2 of AWS::ApiGatewayV2::Api; this runtime serves exactly one/,
  },
  {
    what: 'a stack without an API',
    edit: (template) => {
      delete template.Resources[find(template, 'AWS::ApiGatewayV2::Api').id];
    },
    says: /has 0 of AWS::ApiGatewayV2::Api; this runtime serves exactly one/,
  },
];
