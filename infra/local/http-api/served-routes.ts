import { isDeepStrictEqual } from 'node:util';
import type { ApiModel, AuthorizerModel } from '../cloud-assembly/stack-model.ts';
import { JwtAuthorizer } from './jwt-authorizer.ts';
import { RouteTable, type ServedRoute } from './route-table.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * Returns the routes of an API. Buckets and authorizers whose configuration did not change keep their
 * tokens and their keys.
 * @param before the routes that were served until now
 */
export function servedRoutes({ routes }: ApiModel, before: RouteTable = new RouteTable(new Map())): RouteTable {
  const authorizers = [...before.values()].flatMap(({ authorizer }) => authorizer ?? []);
  // Routes with the same authorizer share its keys.
  const authorizerFor = (model: AuthorizerModel) => {
    const known = authorizers.find((authorizer) => isDeepStrictEqual(authorizer.model, model));
    if (known) return known;
    const authorizer = new JwtAuthorizer(model);
    authorizers.push(authorizer);
    return authorizer;
  };

  const served = new Map<string, ServedRoute>();
  for (const [key, model] of routes) {
    const { throttle, authorization } = model;
    const bucket = before.get(key)?.bucket;
    served.set(key, {
      model,
      bucket: bucket && isDeepStrictEqual(bucket.throttle, throttle) ? bucket : new TokenBucket(throttle),
      authorizer: authorization && authorizerFor(authorization.authorizer),
    });
  }
  return new RouteTable(served);
}
