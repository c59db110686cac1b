/** Routes that need a token (docs: http-api-jwt-authorizer). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { after, describe, test } from 'node:test';
import { CorsHttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import request from 'supertest';
import { open } from '../../harness/http-client.ts';
import { openIssuer } from '../../harness/issuer.ts';
import { serve } from '../../harness/test-stack.ts';

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
  cors: { allowOrigins: [origin], allowMethods: [CorsHttpMethod.GET], allowHeaders: ['authorization'] },
});
after(() => stack[Symbol.asyncDispose]());

const now = Math.floor(Date.now() / 1000);
const hour = 3600;
/** What a good token says. */
const good = { iss: issuer.url, aud: 'feeling', sub: 'anna', iat: now - hour, exp: now + hour };
const without = (claim: keyof typeof good) => ({ ...good, [claim]: undefined });

const get = (path: string, authorization: string, url = stack.url) =>
  request(url).get(path).set('authorization', authorization);

describe('a token is good', () => {
  const table: Record<string, () => Promise<string>> = {
    'after Bearer': async () => `Bearer ${await issuer.sign(good)}`,
    'after bearer': async () => `bearer ${await issuer.sign(good)}`,
    'after BEARER': async () => `BEARER ${await issuer.sign(good)}`,
    'by itself': () => issuer.sign(good),
    'signed with RS384': () => issuer.sign(good, { alg: 'RS384' }),
    'signed with RS512': () => issuer.sign(good, { alg: 'RS512' }),
    'for the other audience': () => issuer.sign({ ...good, aud: 'feeling-web' }),
    'for one of its audiences': () => issuer.sign({ ...good, aud: ['other', 'feeling'] }),
    'with the audience as its client_id, where it has no aud': () =>
      issuer.sign({ ...without('aud'), client_id: 'feeling' }),
    'without iat': () => issuer.sign(without('iat')),
    'from its nbf on': () => issuer.sign({ ...good, nbf: now - 1 }),
  };
  for (const [what, header] of Object.entries(table)) {
    test(what, async () => {
      const { status, body } = await get('/tells', await header());
      assert.equal(status, 200);
      assert.equal(body.jwt.claims.iss, issuer.url);
    });
  }
});

describe('401 to a token', () => {
  const invalid = (what: string) => `the token does not have a valid ${what}`;
  const table: Record<string, { token: () => string | Promise<string>; reason: string }> = {
    'that is none': { token: () => 'garbage', reason: 'the token cannot be decoded' },
    'whose parts are none': { token: () => 'a.b.c', reason: 'the token cannot be decoded' },
    'that has expired': { token: () => issuer.sign({ ...good, exp: now - 1 }), reason: 'the token has expired' },
    'that does not expire': { token: () => issuer.sign(without('exp')), reason: invalid('exp') },
    'that is not valid yet': { token: () => issuer.sign({ ...good, nbf: now + hour }), reason: invalid('nbf') },
    'that is issued in the future': { token: () => issuer.sign({ ...good, iat: now + hour }), reason: invalid('iat') },
    'that names another issuer': { token: () => issuer.sign({ ...good, iss: stranger.url }), reason: invalid('iss') },
    'that names its issuer almost': {
      token: () => issuer.sign({ ...good, iss: `${issuer.url}/` }),
      reason: invalid('iss'),
    },
    'that names no issuer': { token: () => issuer.sign(without('iss')), reason: invalid('iss') },
    'for another audience': { token: () => issuer.sign({ ...good, aud: 'other' }), reason: invalid('audience') },
    'for no audience': { token: () => issuer.sign(without('aud')), reason: invalid('audience') },
    'for another client_id': {
      token: () => issuer.sign({ ...without('aud'), client_id: 'other' }),
      reason: invalid('audience'),
    },
    'for another audience, whatever its client_id': {
      token: () => issuer.sign({ ...good, aud: 'other', client_id: 'feeling' }),
      reason: invalid('audience'),
    },
    'of another issuer, under the name and the key id of ours': {
      token: () => stranger.sign(good),
      reason: invalid('signature'),
    },
    'whose claims were changed': {
      token: async () => {
        const [head, , signature] = (await issuer.sign(good)).split('.');
        const claims = Buffer.from(JSON.stringify({ ...good, sub: 'eve' })).toString('base64url');
        return `${head}.${claims}.${signature}`;
      },
      reason: invalid('signature'),
    },
    'of a key that the issuer does not have': {
      token: () => issuer.sign(good, { kid: 'unknown' }),
      reason: invalid('kid'),
    },
    'that names no key': {
      token: () => issuer.sign(good, { kid: undefined }),
      reason: invalid('kid'),
    },
    'whose algorithm is none': { token: () => new UnsecuredJWT(good).encode(), reason: invalid('alg') },
    'whose secret is the public key': {
      token: () => issuer.sign(good, { alg: 'HS256' }, Buffer.from(issuer.publicKey)),
      reason: invalid('alg'),
    },
    'signed with PS256': { token: () => issuer.sign(good, { alg: 'PS256' }), reason: invalid('alg') },
    "of the issuer's key that is not RSA": {
      token: () => issuer.sign(good, { alg: 'ES256', kid: 'elliptic' }, elliptic.privateKey),
      reason: invalid('alg'),
    },
  };
  for (const [what, { token, reason }] of Object.entries(table)) {
    test(what, async () => {
      const { status, text, headers } = await get('/tells', `Bearer ${await token()}`);
      assert.deepEqual({ status, text }, { status: 401, text: '{"message":"Unauthorized"}' });
      assert.equal(headers['www-authenticate'], `Bearer scope="" error="invalid_token" error_description="${reason}"`);
    });
  }
});

describe('a request', () => {
  test('without a token is answered 401, and reaches no function', async () => {
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

  test('of another scheme is answered 401', async () => {
    const { status, headers } = await get('/tells', 'Basic YW5uYTpzZWNyZXQ=');
    assert.equal(status, 401);
    assert.match(headers['www-authenticate'] ?? '', /the token cannot be decoded/);
  });

  test('that no route is for is answered 404 without a token', async () => {
    await request(stack.url).get('/nowhere').expect(404);
  });

  test('that is a preflight needs no token', async () => {
    const { status, headers } = await request(stack.url)
      .options('/tells')
      .set({ origin, 'access-control-request-method': 'GET' });
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-headers'], 'authorization');
  });

  test('of an allowed origin gets CORS headers with its 401', async () => {
    const { status, headers } = await request(stack.url).get('/tells').set({ origin });
    assert.equal(status, 401);
    assert.equal(headers['access-control-allow-origin'], origin);
  });
});

describe('a function sees', () => {
  test('the claims, as texts, and null for scopes that nobody asked for', async () => {
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

  test('the scopes of the token, where the route asks for some', async () => {
    const { body } = await get('/scoped', await issuer.sign({ ...good, scope: 'other feel' }));
    assert.deepEqual(body.jwt.scopes, ['other', 'feel']);
    assert.equal(body.jwt.claims.scope, 'other feel');
  });
});

describe('a route that asks for scopes', () => {
  const granted: Record<string, object> = {
    'one of them': { scope: 'feel:much' },
    'one of them among others': { scope: 'a feel b' },
    'one of them in scp, as a list': { scp: ['a', 'feel'] },
    'one of them in scp, as a text': { scp: 'a feel' },
  };
  for (const [what, claims] of Object.entries(granted)) {
    test(`lets a token through that has ${what}`, async () => {
      assert.equal((await get('/scoped', await issuer.sign({ ...good, ...claims }))).status, 200);
    });
  }

  const missing: Record<string, object> = {
    'no scopes': {},
    'other scopes': { scope: 'a b' },
    'a scope that begins like one of them': { scope: 'feel:little feelings' },
    'no scopes, though one in scp that scope goes before': { scope: 'a', scp: ['feel'] },
  };
  for (const [what, claims] of Object.entries(missing)) {
    test(`answers 403 to a token that has ${what}`, async () => {
      const { status, text, headers } = await get('/scoped', await issuer.sign({ ...good, ...claims }));
      assert.deepEqual({ status, text }, { status: 403, text: '{"message":"Forbidden"}' });
      assert.match(headers['www-authenticate'] ?? '', /^Bearer scope="feel feel:much" error="insufficient_scope" /);
    });
  }

  test('answers 401 to a token that is not good, whatever its scopes', async () => {
    const { status, headers } = await get('/scoped', await issuer.sign({ ...good, scope: 'feel', exp: now - 1 }));
    assert.equal(status, 401);
    assert.match(headers['www-authenticate'] ?? '', /^Bearer scope="feel feel:much" error="invalid_token" /);
  });
});

describe('the issuer', () => {
  test('is asked for its keys when the first token comes, and then no more', async () => {
    await using own = await openIssuer();
    await using served = await serve(functions, { jwt: { issuer: own.url, audience } });
    await request(served.url).get('/tells').expect(401);
    assert.deepEqual(own.asked, []);
    const token = await own.sign({ ...good, iss: own.url, scope: 'feel' });
    for (const path of ['/tells', '/tells', '/scoped']) assert.equal((await get(path, token, served.url)).status, 200);
    assert.deepEqual(own.asked, ['/.well-known/openid-configuration', '/its/keys']);
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
    test(`makes a 401 when it fails at ${path}, and is asked again`, async () => {
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

  test('makes a 401 when it is not there', async () => {
    const own = await openIssuer();
    await own[Symbol.asyncDispose]();
    await using served = await serve(functions, { jwt: { issuer: own.url, audience } });
    const { status, headers } = await get('/tells', await own.sign({ ...good, iss: own.url }), served.url);
    assert.equal(status, 401);
    assert.match(headers['www-authenticate'] ?? '', /OIDC discovery endpoint communication error/);
  });
});

test('a request whose token is being checked when the server stops is answered', async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<ServerResponse>();
  const slow = createServer((_request, response) => ask(response)).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const address = slow.address();
  assert(typeof address === 'object' && address);
  const iss = `http://127.0.0.1:${address.port}`;
  await using served = await serve(functions, { jwt: { issuer: iss, audience } });
  const answer = get('/tells', await issuer.sign({ ...good, iss }), served.url).then();
  const response = await asked;
  const stopped = served.runtime.stop();
  await assert.rejects(open(served.url), { code: 'ECONNREFUSED' });
  response.writeHead(404).end();
  assert.equal((await answer).status, 401);
  await stopped;
  slow.close();
});
