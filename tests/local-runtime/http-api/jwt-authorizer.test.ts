/** Routes that require a token (docs: http-api-jwt-authorizer). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { after, describe, test } from 'node:test';
import { generateKeyPair } from 'jose';
import request from 'supertest';
import { open } from '../../harness/http-client.ts';
import { openIssuer } from '../../harness/issuer.ts';
import { serve } from '../../harness/test-stack.ts';
import { grantedScopes, invalidTokens, missingScopes, validHeaders } from './jwt-authorizer.cases.ts';

const elliptic = await generateKeyPair('ES256', { extractable: true });
const issuer = await openIssuer({ elliptic });
const stranger = await openIssuer();
after(() => Promise.all([issuer[Symbol.asyncDispose](), stranger[Symbol.asyncDispose]()]));

const audience = ['feeling', 'feeling-web'];
const functions = {
  tells: { code: 'export const handler = ({ requestContext }) => requestContext.authorizer;' },
  scoped: {
    code: 'export const handler = ({ requestContext }) => requestContext.authorizer;',
    scopes: ['feel', 'feel:much'],
  },
};
const origin = 'https://app.example';
const stack = await serve(functions, {
  jwt: { issuer: issuer.url, audience },
  cors: { allowOrigins: [origin], allowMethods: ['GET'], allowHeaders: ['authorization'] },
});
after(() => stack[Symbol.asyncDispose]());

const now = Math.floor(Date.now() / 1000);
const hour = 3600;
/** The claims of a valid token. */
const good = { iss: issuer.url, aud: 'feeling', sub: 'anna', iat: now - hour, exp: now + hour };
const context = { issuer, stranger, elliptic, good };

const get = (path: string, authorization: string, url = stack.url) =>
  request(url).get(path).set('authorization', authorization);

describe('a token is accepted', () => {
  for (const [what, header] of Object.entries(validHeaders(context))) {
    test(what, async () => {
      const { status, body } = await get('/tells', await header());
      assert.equal(status, 200);
      assert.equal(body.jwt.claims.iss, issuer.url);
    });
  }
});

describe('401 for a token', () => {
  for (const [what, { token, reason }] of Object.entries(invalidTokens(context))) {
    test(what, async () => {
      const { status, text, headers } = await get('/tells', `Bearer ${await token()}`);
      assert.deepEqual({ status, text }, { status: 401, text: '{"message":"Unauthorized"}' });
      assert.equal(headers['www-authenticate'], `Bearer scope="" error="invalid_token" error_description="${reason}"`);
    });
  }
});

describe('a request', () => {
  /** @aws 1.4: A route with an authorizer answers 401 `{"message":"Unauthorized"}` without a token. */
  test('without a token gets a 401 and invokes no function', async () => {
    stack.access.splice(0);
    const { status, text, headers } = await request(stack.url).get('/tells');
    assert.deepEqual({ status, text }, { status: 401, text: '{"message":"Unauthorized"}' });
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['www-authenticate'], 'Bearer');
    assert.match(headers['apigw-requestid'] ?? '', /^.{15}=$/);
    assert.deepEqual(
      stack.access.map(({ path, cold }) => ({ path, cold })),
      [{ path: '/tells', cold: undefined }],
    );
  });

  test('with another scheme than Bearer gets a 401', async () => {
    const { status, headers } = await get('/tells', 'Basic YW5uYTpzZWNyZXQ=');
    assert.equal(status, 401);
    assert.match(headers['www-authenticate'] ?? '', /the token cannot be decoded/);
  });

  test('for no route gets a 404 without a token', async () => {
    await request(stack.url).get('/nowhere').expect(404);
  });

  /** @aws 1.6: A preflight requires no token. */
  test('that is a preflight requires no token', async () => {
    const { status, headers } = await request(stack.url)
      .options('/tells')
      .set({ origin, 'access-control-request-method': 'GET' });
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-headers'], 'authorization');
  });

  test('from an allowed origin gets CORS headers with its 401', async () => {
    const { status, headers } = await request(stack.url).get('/tells').set({ origin });
    assert.equal(status, 401);
    assert.equal(headers['access-control-allow-origin'], origin);
  });
});

describe('a function sees', () => {
  /** @aws 1.1: `requestContext.authorizer.jwt` has the claims as strings, and the scopes. */
  test('the claims as strings, and null for scopes on a route that requires none', async () => {
    const claims = {
      ...good,
      scope: 'feel',
      email_verified: true,
      groups: ['admin', 'poweruser'],
      address: { city: 'Bonn' },
      nickname: null,
    };
    const { body } = await get('/tells', await issuer.sign(claims));
    assert.deepEqual(body, {
      jwt: {
        claims: {
          iss: issuer.url,
          aud: 'feeling',
          sub: 'anna',
          iat: String(good.iat),
          exp: String(good.exp),
          scope: 'feel',
          email_verified: 'true',
          groups: '[admin poweruser]',
          address: '{"city":"Bonn"}',
        },
        scopes: null,
      },
    });
  });

  test('the scopes of the token on a route that requires scopes', async () => {
    const { body } = await get('/scoped', await issuer.sign({ ...good, scope: 'other feel' }));
    assert.deepEqual(body.jwt.scopes, ['other', 'feel']);
    assert.equal(body.jwt.claims.scope, 'other feel');
  });
});

describe('a route that requires scopes', () => {
  for (const [what, claims] of Object.entries(grantedScopes)) {
    test(`accepts a token that has ${what}`, async () => {
      assert.equal((await get('/scoped', await issuer.sign({ ...good, ...claims }))).status, 200);
    });
  }

  for (const [what, claims] of Object.entries(missingScopes)) {
    /** @aws 1.4: A token without a required scope gets 403 `{"message":"Forbidden"}`. */
    test(`responds with 403 to a token that has ${what}`, async () => {
      const { status, text, headers } = await get('/scoped', await issuer.sign({ ...good, ...claims }));
      assert.deepEqual({ status, text }, { status: 403, text: '{"message":"Forbidden"}' });
      assert.match(headers['www-authenticate'] ?? '', /^Bearer scope="feel feel:much" error="insufficient_scope" /);
    });
  }

  test('responds with 401 to an invalid token, whatever its scopes', async () => {
    const { status, headers } = await get('/scoped', await issuer.sign({ ...good, scope: 'feel', exp: now - 1 }));
    assert.equal(status, 401);
    assert.match(headers['www-authenticate'] ?? '', /^Bearer scope="feel feel:much" error="invalid_token" /);
  });
});

describe('the issuer', () => {
  test('is asked for its keys once, at the first token', async () => {
    await using own = await openIssuer();
    await using served = await serve(functions, { jwt: { issuer: own.url, audience } });
    await request(served.url).get('/tells').expect(401);
    assert.deepEqual(own.asked, []);
    const token = await own.sign({ ...good, iss: own.url, scope: 'feel' });
    for (const path of ['/tells', '/tells', '/scoped']) assert.equal((await get(path, token, served.url)).status, 200);
    assert.deepEqual(own.asked, ['/.well-known/openid-configuration', '/its/keys']);
  });

  test('is not asked again when the API is replaced and its authorizer did not change', async () => {
    await using own = await openIssuer();
    await using served = await serve(functions, { jwt: { issuer: own.url, audience } });
    const token = await own.sign({ ...good, iss: own.url, scope: 'feel' });
    assert.equal((await get('/tells', token, served.url)).status, 200);
    const { asked } = own;
    const fetched = [...asked];
    await served.runtime.replace(structuredClone(served.runtime.assembly));
    assert.equal((await get('/scoped', token, served.url)).status, 200);
    assert.deepEqual(asked, fetched);

    const changed = structuredClone(served.runtime.assembly);
    for (const { authorization } of changed.api.routes.values()) authorization?.authorizer.audiences.push('another');
    await served.runtime.replace(changed);
    assert.equal((await get('/tells', token, served.url)).status, 200);
    assert.equal(asked.length, 2 * fetched.length);
  });

  test('may have a slash at the end of its name', async () => {
    await using own = await openIssuer();
    const iss = `${own.url}/`;
    await using served = await serve(functions, { jwt: { issuer: iss, audience } });
    assert.equal((await get('/tells', await own.sign({ ...good, iss }), served.url)).status, 200);
    assert.equal((await get('/tells', await own.sign({ ...good, iss: own.url }), served.url)).status, 401);
  });

  const faults: [path: string, reason: string][] = [
    ['/.well-known/openid-configuration', 'OIDC discovery endpoint communication error'],
    ['/its/keys', 'JWKS communication error'],
  ];
  for (const [path, reason] of faults) {
    test(`that fails at ${path} leads to a 401 and is asked again`, async () => {
      await using own = await openIssuer();
      await using served = await serve(functions, { jwt: { issuer: own.url, audience } });
      const token = await own.sign({ ...good, iss: own.url });
      own.failing.set(path, 503);
      const { status, text, headers } = await get('/tells', token, served.url);
      assert.deepEqual({ status, text }, { status: 401, text: '{"message":"Unauthorized"}' });
      assert.match(headers['www-authenticate'] ?? '', new RegExp(`error_description="${reason}"$`));
      own.failing.clear();
      assert.equal((await get('/tells', token, served.url)).status, 200);
    });
  }

  test('that does not exist leads to a 401', async () => {
    const own = await openIssuer();
    await own[Symbol.asyncDispose]();
    await using served = await serve(functions, { jwt: { issuer: own.url, audience } });
    const { status, headers } = await get('/tells', await own.sign({ ...good, iss: own.url }), served.url);
    assert.equal(status, 401);
    assert.match(headers['www-authenticate'] ?? '', /OIDC discovery endpoint communication error/);
  });
});

test('a request whose token is checked during a stop gets its response', async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<ServerResponse>();
  const slow = createServer((_request, response) => ask(response)).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const address = slow.address();
  assert(typeof address === 'object' && address);
  const iss = `http://127.0.0.1:${address.port}`;
  await using served = await serve(functions, { jwt: { issuer: iss, audience } });
  const reply = get('/tells', await issuer.sign({ ...good, iss }), served.url).then();
  const response = await asked;
  const stopped = served.runtime.stop();
  await assert.rejects(open(served.url), { code: 'ECONNREFUSED' });
  response.writeHead(404).end();
  assert.equal((await reply).status, 401);
  await stopped;
  slow.close();
});
