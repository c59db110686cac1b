import type { TestFunction } from '../../harness/test-stack.ts';

export interface RoutedRequest {
  /** @default GET */
  method?: string;
  path: string;
}

interface RouteCase {
  title: string;
  request: RoutedRequest;
  routeKey: NonNullable<TestFunction['route']>;
  pathParameters?: Record<string, string>;
}

/** The routes of AWS's own example come first. */
export const routeKeys = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'ANY /{proxy+}',
  '$default',
  'GET /{kind}/dog/1',
  'ANY /pets/dog/{id}',
  'ANY /pets/dog/2',
  'GET /pets/{kind}/{id}',
  'GET /pets/cat/{proxy+}',
] as const;

/** Requests, and the route that takes them. */
export const routeCases: RouteCase[] = [
  /** @aws 1.7: An exact path goes before a variable. */
  { title: 'an exact path goes first', request: { path: '/pets/dog/1' }, routeKey: 'GET /pets/dog/1' },
  /** @aws 1.7: A variable takes one segment, and `pathParameters` has its value by name. */
  {
    title: 'a variable takes one segment',
    request: { path: '/pets/dog/3' },
    routeKey: 'GET /pets/dog/{id}',
    pathParameters: { id: '3' },
  },
  /** @aws 1.7: A greedy variable takes what no full match takes, to the end of the path. */
  {
    title: 'a greedy variable takes the rest of the path',
    request: { path: '/pets/bird/1/wings' },
    routeKey: 'GET /pets/{proxy+}',
    pathParameters: { proxy: 'bird/1/wings' },
  },
  /** @aws 1.7: ANY takes the methods without a route of their own. */
  {
    title: 'ANY takes other methods',
    request: { method: 'POST', path: '/test/5' },
    routeKey: 'ANY /{proxy+}',
    pathParameters: { proxy: 'test/5' },
  },
  {
    title: 'a method goes before ANY on the same path',
    request: { method: 'DELETE', path: '/pets/dog/3' },
    routeKey: 'ANY /pets/dog/{id}',
    pathParameters: { id: '3' },
  },
  /** @aws 1.7: A path whose routes are for other methods goes on to a less specific route. */
  {
    title: 'a path with routes for other methods takes a less specific route',
    request: { method: 'POST', path: '/pets/cat/1' },
    routeKey: 'ANY /{proxy+}',
    pathParameters: { proxy: 'pets/cat/1' },
  },
  /** @aws 1.7: A more specific path with ANY goes before a less specific one with the method. @unknown */
  { title: 'the path goes before the method', request: { path: '/pets/dog/2' }, routeKey: 'ANY /pets/dog/2' },
  /** @aws 1.7: Of full matches, the one with the most literal segments. */
  {
    title: 'more literal segments go first',
    request: { path: '/cows/dog/1' },
    routeKey: 'GET /{kind}/dog/1',
    pathParameters: { kind: 'cows' },
  },
  /** @aws 1.7: A full match goes before a greedy one that has more literal segments. */
  {
    title: 'a full match goes before a greedy one',
    request: { path: '/pets/cat/1' },
    routeKey: 'GET /pets/{kind}/{id}',
    pathParameters: { kind: 'cat', id: '1' },
  },
  /** @aws 1.7: Of greedy matches, the one with the most segments before the variable. */
  {
    title: 'the longest greedy route goes first',
    request: { path: '/pets/cat/1/2' },
    routeKey: 'GET /pets/cat/{proxy+}',
    pathParameters: { proxy: '1/2' },
  },
  /** @aws 1.7: An empty segment is the value of a variable. @unknown */
  {
    title: 'an empty segment is a value',
    request: { path: '/pets/dog/' },
    routeKey: 'GET /pets/dog/{id}',
    pathParameters: { id: '' },
  },
  /** @aws 1.7: `/` takes `/{name+}`, with an empty value. @unknown */
  {
    title: 'the root is a greedy value',
    request: { path: '/' },
    routeKey: 'ANY /{proxy+}',
    pathParameters: { proxy: '' },
  },
  /** @aws 1.7: Values are decoded. How often is not measured. @unknown */
  {
    title: 'values are decoded as the path is',
    request: { path: '/pets/dog/a%20b%2526%CE%BB' },
    routeKey: 'GET /pets/dog/{id}',
    pathParameters: { id: 'a b&λ' },
  },
  /** @aws 1.7: `%2F` is a slash, which ends the segment. @unknown */
  {
    title: 'an encoded slash is a slash',
    request: { path: '/pets/dog/1%2Ftail' },
    routeKey: 'GET /pets/{proxy+}',
    pathParameters: { proxy: 'dog/1/tail' },
  },
  {
    title: 'braces in a path are text',
    request: { path: '/pets/dog/%7Bid%7D' },
    routeKey: 'GET /pets/dog/{id}',
    pathParameters: { id: '{id}' },
  },
  {
    title: 'a name of an object’s own is a value like any other',
    request: { path: '/pets/dog/__proto__' },
    routeKey: 'GET /pets/dog/{id}',
    pathParameters: { id: '__proto__' },
  },
];
