import type { RouteModel } from '../cloud-assembly/stack-model.ts';
import type { JwtAuthorizer } from './jwt-authorizer.ts';
import type { TokenBucket } from './token-bucket.ts';

/** A route with the state that it keeps between requests. */
export interface ServedRoute {
  model: RouteModel;
  bucket: TokenBucket;
  /** Checks the token of a request; undefined on a public route. */
  authorizer: JwtAuthorizer | undefined;
}

/** The route of a request, and the values of its path variables by name. */
export interface RouteMatch {
  route: ServedRoute;
  pathParameters: Record<string, string>;
}

/** A route with its key in parts. */
interface RoutePattern {
  route: ServedRoute;
  /** `ANY` for every method. */
  method: string;
  segments: string[];
  isGreedy: boolean;
  literals: number;
}

/**
 * The routes of an API. A request takes the most specific route, whatever their order (PLATFORM_FACTS 1.7): an exact
 * path before `{name}`, that before `{name+}`, and `$default` last.
 */
export class RouteTable {
  private readonly byKey: ReadonlyMap<string, ServedRoute>;
  /** Most specific first. */
  private readonly patterns: RoutePattern[];

  /** @param routes by route key */
  constructor(routes: ReadonlyMap<string, ServedRoute>) {
    this.byKey = routes;
    this.patterns = [...routes]
      .filter(([key]) => key.includes('{'))
      .map(([key, route]) => patternOf(key, route))
      .sort(bySpecificity);
  }

  /** Returns the route with a key, such as `GET /things/{id}` or `$default`. */
  get(key: string): ServedRoute | undefined {
    return this.byKey.get(key);
  }

  /** Returns every route. */
  values(): Iterable<ServedRoute> {
    return this.byKey.values();
  }

  /**
   * Returns the route of a request; undefined if there is none.
   * @param path decoded
   */
  match(method: string, path: string): RouteMatch | undefined {
    // A path may contain braces of its own, and then look like the key of another route.
    const exact = path.includes('{') ? undefined : (this.get(`${method} ${path}`) ?? this.get(`ANY ${path}`));
    if (exact) return { route: exact, pathParameters: {} };
    const segments = path.split('/');
    for (const pattern of this.patterns) {
      if (pattern.method !== method && pattern.method !== 'ANY') continue;
      const pathParameters = variablesIn(pattern, segments);
      if (pathParameters) return { route: pattern.route, pathParameters };
    }
    const route = this.get('$default');
    return route && { route, pathParameters: {} };
  }
}

function patternOf(key: string, route: ServedRoute): RoutePattern {
  const space = key.indexOf(' ');
  const segments = key.slice(space + 1).split('/');
  return {
    route,
    method: key.slice(0, space),
    segments,
    isGreedy: key.endsWith('+}'),
    literals: segments.filter((segment) => !segment.startsWith('{')).length,
  };
}

/**
 * Orders routes by what AWS documents: a full match before a greedy one. Among equals, as AWS's emulator does: the one
 * with more literal segments, then with more segments. Then by the first literal, and a method before `ANY` (?).
 */
function bySpecificity(a: RoutePattern, b: RoutePattern): number {
  return (
    Number(a.isGreedy) - Number(b.isGreedy) ||
    b.literals - a.literals ||
    b.segments.length - a.segments.length ||
    literalsOf(a).localeCompare(literalsOf(b)) ||
    Number(a.method === 'ANY') - Number(b.method === 'ANY')
  );
}

/** Returns a digit for each segment, 0 for a literal, so that the first literal sorts first. */
function literalsOf({ segments }: RoutePattern): string {
  return segments.map((segment) => Number(segment.startsWith('{'))).join('');
}

/** Returns the values of the variables of a route; undefined if its path is another. */
function variablesIn({ segments, isGreedy }: RoutePattern, path: string[]): Record<string, string> | undefined {
  if (isGreedy ? path.length < segments.length : path.length !== segments.length) return undefined;
  const values: Record<string, string> = Object.create(null);
  for (const [index, segment] of segments.entries()) {
    const value = path[index] ?? '';
    if (segment.endsWith('+}')) values[segment.slice(1, -2)] = path.slice(index).join('/');
    else if (segment.startsWith('{')) values[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return values;
}
