import { functionArn, parseFunctionReference } from '../aws/arn.ts';
import { type Permission, type Route, resourceSchemas } from './resource-schemas.ts';
import type { ApiModel, Authorization, AuthorizerModel, InvokeTarget, RouteModel, Throttle } from './stack-model.ts';
import type { Template } from './template.ts';
import { UnsupportedResourceError } from './unsupported-resource.ts';

/** The throttle of a stage without settings: the quota of an account (docs: http-api-quotas). */
const accountThrottle: Throttle = { rate: 10_000, burst: 5_000 };

/**
 * Returns the API of a template.
 * @param targets what a route can invoke, by ARN
 * @throws {UnsupportedResourceError} when it cannot be served as on AWS, or the stack does not have exactly one API.
 */
export function apiOf(template: Template, targets: ReadonlyMap<string, InvokeTarget>): ApiModel {
  const [apiLogicalId, { CorsConfiguration: cors }] = template.only(resourceSchemas.api);
  const [, stage] = template.only(resourceSchemas.stage);
  const integrations = new Map(template.all(resourceSchemas.integration));
  const authorizers = authorizersOf(template);
  const permissions = template.all(resourceSchemas.permission).map(([, permission]) => permission);
  const id = template.ref(apiLogicalId);

  const routes = new Map<string, RouteModel>();
  for (const [routeId, route] of template.all(resourceSchemas.route)) {
    const { RouteKey, Target } = route;
    const integration = integrations.get(Target.replace('integrations/', ''));
    const target = targets.get(integration?.IntegrationUri ?? '');
    if (!integration || !target)
      throw new UnsupportedResourceError(
        routeId,
        `${RouteKey} invokes no function of this stack. Give it an integration with one.`,
      );

    if (!isPermitted(permissions, target, `${id}/$default/${RouteKey.replace('ANY ', '*').replace(' ', '')}`)) {
      throw new UnsupportedResourceError(
        routeId,
        `${RouteKey} would always return 500: nothing permits it to invoke ${target.name}. Add an AWS::Lambda::Permission.`,
      );
    }

    const twin = [...routes.keys()].find((key) => withoutNames(key) === withoutNames(RouteKey));
    if (twin) {
      throw new UnsupportedResourceError(
        routeId,
        `${RouteKey} and ${twin} are the same route, so it cannot be deployed. Remove one of them.`,
      );
    }
    const settings = { ...stage.DefaultRouteSettings, ...stage.RouteSettings[RouteKey] };
    routes.set(RouteKey, {
      key: RouteKey,
      target,
      timeoutMs: integration.TimeoutInMillis,
      throttle: {
        rate: settings.ThrottlingRateLimit ?? accountThrottle.rate,
        burst: settings.ThrottlingBurstLimit ?? accountThrottle.burst,
      },
      authorization: authorizationOf(routeId, route, authorizers),
    });
  }

  return {
    id,
    stage: stage.StageName,
    routes,
    cors: cors && {
      allowOrigins: cors.AllowOrigins,
      allowMethods: cors.AllowMethods,
      allowHeaders: cors.AllowHeaders,
      exposeHeaders: cors.ExposeHeaders,
      allowCredentials: cors.AllowCredentials,
      maxAge: cors.MaxAge,
    },
  };
}

/** Returns a route key without the names of its variables: API Gateway takes no two that differ only in those. */
function withoutNames(key: string): string {
  return key.replaceAll(/\{[^}+]*/g, '{');
}

/** Returns the authorizers of a template, by the id that routes refer to. */
function authorizersOf(template: Template): Map<string, AuthorizerModel> {
  const authorizers = new Map<string, AuthorizerModel>();
  for (const [id, { JwtConfiguration: jwt }] of template.all(resourceSchemas.authorizer)) {
    authorizers.set(template.ref(id), { issuer: jwt.Issuer, audiences: jwt.Audience });
  }
  return authorizers;
}

function authorizationOf(
  routeId: string,
  { RouteKey, AuthorizationType, AuthorizerId, AuthorizationScopes }: Route,
  authorizers: ReadonlyMap<string, AuthorizerModel>,
): Authorization | undefined {
  if (AuthorizationType === 'NONE' && AuthorizerId === undefined && AuthorizationScopes.length === 0) return undefined;
  const authorizer = authorizers.get(AuthorizerId ?? '');
  if (AuthorizationType === 'JWT' && authorizer) return { authorizer, scopes: AuthorizationScopes };
  throw new UnsupportedResourceError(
    routeId,
    `${RouteKey} has AuthorizationType ${AuthorizationType}: give it JWT and an AuthorizerId of this stack, or NONE without them.`,
  );
}

/**
 * Returns whether API Gateway may invoke a target for a route. A permission for a function does not cover its alias
 * (docs: access-control-resource-based).
 * @param route `{api}/{stage}/{method}/{path}`, with `*` for any method. Variables keep their names, as in the
 *   permissions that the CDK makes; $default has no path, as in those of the console
 */
function isPermitted(permissions: Permission[], target: InvokeTarget, route: string): boolean {
  return permissions.some(({ FunctionName, Principal, SourceArn }) => {
    const reference = parseFunctionReference(FunctionName);
    return (
      reference !== undefined &&
      functionArn(reference) === target.arn &&
      Principal === 'apigateway.amazonaws.com' &&
      (SourceArn === undefined || covers(SourceArn, route))
    );
  });
}

/**
 * Returns whether the source ARN of a permission covers a route.
 * @param route `{api}/{stage}/{method}/{path}`
 */
function covers(sourceArn: string, route: string): boolean {
  const pattern = sourceArn.split(':').slice(5).join(':').split('/');
  const parts = route.split('/');
  if (pattern.length < parts.length && pattern.at(-1) !== '*') return false;
  return pattern.every((part, index) => part === '*' || part === parts[index]);
}
