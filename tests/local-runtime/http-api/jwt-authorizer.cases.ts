import { type GenerateKeyPairResult, UnsecuredJWT } from 'jose';
import type { Issuer } from '../../harness/issuer.ts';

/** What the tokens are made of. */
export interface TokenContext {
  issuer: Issuer;
  stranger: Issuer;
  elliptic: GenerateKeyPairResult;
  /** The claims of a valid token for the audience `feeling`. */
  good: { iss: string; aud: string; sub: string; iat: number; exp: number };
}

const hour = 3600;

/** Returns valid `Authorization` headers. */
export function validHeaders({ issuer, good }: TokenContext): Record<string, () => Promise<string>> {
  const without = (claim: keyof typeof good) => ({ ...good, [claim]: undefined });
  const now = Math.floor(Date.now() / 1000);
  return {
    'after Bearer': async () => `Bearer ${await issuer.sign(good)}`,
    'after bearer': async () => `bearer ${await issuer.sign(good)}`,
    'after BEARER': async () => `BEARER ${await issuer.sign(good)}`,
    'without Bearer': () => issuer.sign(good),
    'signed with RS384': () => issuer.sign(good, { alg: 'RS384' }),
    'signed with RS512': () => issuer.sign(good, { alg: 'RS512' }),
    'for the other audience': () => issuer.sign({ ...good, aud: 'feeling-web' }),
    'for one of its audiences': () => issuer.sign({ ...good, aud: ['other', 'feeling'] }),
    'with the audience as its client_id, where it has no aud': () =>
      issuer.sign({ ...without('aud'), client_id: 'feeling' }),
    'without iat': () => issuer.sign(without('iat')),
    'after its nbf': () => issuer.sign({ ...good, nbf: now - 1 }),
  };
}

interface InvalidToken {
  token: () => string | Promise<string>;
  /** The `error_description`. */
  reason: string;
}

/** Returns tokens that the authorizer refuses. */
export function invalidTokens({ issuer, stranger, elliptic, good }: TokenContext): Record<string, InvalidToken> {
  const without = (claim: keyof typeof good) => ({ ...good, [claim]: undefined });
  const invalid = (what: string) => `the token does not have a valid ${what}`;
  const now = Math.floor(Date.now() / 1000);
  return {
    'that is no JWT': { token: () => 'garbage', reason: 'the token cannot be decoded' },
    'whose parts are not base64 of JSON': { token: () => 'a.b.c', reason: 'the token cannot be decoded' },
    'that has expired': { token: () => issuer.sign({ ...good, exp: now - 1 }), reason: 'the token has expired' },
    'that does not expire': { token: () => issuer.sign(without('exp')), reason: invalid('exp') },
    'that is not valid yet': { token: () => issuer.sign({ ...good, nbf: now + hour }), reason: invalid('nbf') },
    'that is issued in the future': { token: () => issuer.sign({ ...good, iat: now + hour }), reason: invalid('iat') },
    'that names another issuer': { token: () => issuer.sign({ ...good, iss: stranger.url }), reason: invalid('iss') },
    'that names its issuer with a slash at the end': {
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
    'of another issuer with the name and the key id of the right one': {
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
    'signed with HMAC and the public key as its secret': {
      token: () => issuer.sign(good, { alg: 'HS256' }, Buffer.from(issuer.publicKey)),
      reason: invalid('alg'),
    },
    'signed with PS256': { token: () => issuer.sign(good, { alg: 'PS256' }), reason: invalid('alg') },
    "of the issuer's key that is not RSA": {
      token: () => issuer.sign(good, { alg: 'ES256', kid: 'elliptic' }, elliptic.privateKey),
      reason: invalid('alg'),
    },
  };
}

/** Claims with one of the scopes `feel` and `feel:much`. */
export const grantedScopes: Record<string, object> = {
  'one of them': { scope: 'feel:much' },
  'one of them among others': { scope: 'a feel b' },
  'one of them in scp, as a list': { scp: ['a', 'feel'] },
  'one of them in scp, as a string': { scp: 'a feel' },
};

/** Claims with neither. */
export const missingScopes: Record<string, object> = {
  'no scopes': {},
  'other scopes': { scope: 'a b' },
  'a scope that begins like one of them': { scope: 'feel:little feelings' },
  'one of them in scp, which scope overrides': { scope: 'a', scp: ['feel'] },
};
