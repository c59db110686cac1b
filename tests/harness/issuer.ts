/** An OpenID issuer on this machine, with keys of its own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  type GenerateKeyPairResult,
  generateKeyPair,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

export interface Issuer extends AsyncDisposable {
  /** Its name, and where its configuration is. */
  url: string;
  /** The paths that it was asked for. */
  asked: string[];
  /** What it answers with, by path, where it is not what it should be. */
  failing: Map<string, number>;
  /** Its public key, as a text that could be taken for a secret. */
  publicKey: string;
  /** Publishes one more key. */
  publish(kid: string, pair: GenerateKeyPairResult): Promise<void>;
  /** Signs claims, with its own RSA key unless another is given. */
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>, key?: CryptoKey | Uint8Array): Promise<string>;
}

/** @param more pairs of keys that it publishes too, by their id */
export async function openIssuer(more: Record<string, GenerateKeyPairResult> = {}): Promise<Issuer> {
  const own = await generateKeyPair('RS256', { extractable: true });
  const ownPrivate = await exportJWK(own.privateKey);
  const published = async (kid: string, { publicKey }: GenerateKeyPairResult) => ({
    ...(await exportJWK(publicKey)),
    kid,
  });
  const keys = await Promise.all(Object.entries({ own, ...more }).map(([kid, pair]) => published(kid, pair)));
  const asked: string[] = [];
  const failing = new Map<string, number>();
  const server = createServer(({ url: path = '' }, response) => {
    asked.push(path);
    const documents: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/its/keys` },
      '/its/keys': { keys },
    };
    const document = documents[path];
    response.writeHead(failing.get(path) ?? (document ? 200 : 404), { 'content-type': 'application/json' });
    response.end(JSON.stringify(document));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    asked,
    failing,
    publicKey: await exportSPKI(own.publicKey),
    async publish(kid, pair) {
      keys.push(await published(kid, pair));
    },
    async sign(claims, header, key) {
      const full = { alg: 'RS256', kid: 'own', ...header };
      return new SignJWT(claims).setProtectedHeader(full).sign(key ?? (await importJWK(ownPrivate, full.alg)));
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
