import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

/** API Gateway's timeout for an issuer and its lifetime for keys (docs: http-api-quotas, http-api-jwt-authorizer). */
const timeoutMs = 1500;
const keptMs = 2 * 60 * 60_000;
/** The shortest time between two fetches for an unknown key. */
const cooldownMs = 30_000;

type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;

const configurationShape = z.object({ jwks_uri: z.url() });

/** The keys of an issuer cannot be fetched. The messages are API Gateway's own, from its access log. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError';
}

/**
 * The keys that an issuer signs tokens with. Fetches them for the first token, through the issuer's OpenID
 * configuration. Fetches them again for an unknown key, at most every 30 s. How soon API Gateway learns of a new key
 * is unmeasured (?).
 */
export class Jwks {
  private readonly issuer: string;
  private keys: Promise<RemoteKeys> | undefined;
  private fetchedAt = Number.NEGATIVE_INFINITY;

  constructor(issuer: string) {
    this.issuer = issuer;
  }

  /**
   * Returns the key that a token is signed with.
   * @throws {IssuerUnreachableError}
   * @throws {errors.JWKSNoMatchingKey} when the issuer has no such key, or the token names none.
   */
  keyOf: JWTVerifyGetKey = async (header, token) => {
    // A token must name its key, even if the issuer has only one (docs: http-api-jwt-authorizer, kid).
    if (header?.kid === undefined) throw new errors.JWKSNoMatchingKey();
    this.keys ??= this.discover();
    const keys = await this.keys.catch((cause: unknown) => {
      this.keys = undefined;
      throw new IssuerUnreachableError('OIDC discovery endpoint communication error', { cause });
    });
    try {
      if (this.age() >= keptMs) await this.fetch(keys);
      return await keys(header, token).catch(async (error: unknown) => {
        if (!(error instanceof errors.JWKSNoMatchingKey) || this.age() < cooldownMs) throw error;
        await this.fetch(keys);
        return keys(header, token);
      });
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey) throw cause;
      throw new IssuerUnreachableError('JWKS communication error', { cause });
    }
  };

  private async discover(): Promise<RemoteKeys> {
    const url = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`${url} responds with ${response.status}`);
    const { jwks_uri } = configurationShape.parse(await response.json());
    // keyOf decides when to fetch again: jose uses the wall clock, which may jump.
    const never = { cacheMaxAge: Number.POSITIVE_INFINITY, cooldownDuration: Number.POSITIVE_INFINITY };
    return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: timeoutMs, ...never });
  }

  private async fetch(keys: RemoteKeys): Promise<void> {
    await keys.reload();
    this.fetchedAt = performance.now();
  }

  /** Returns the age of the keys in milliseconds. */
  private age(): number {
    return performance.now() - this.fetchedAt;
  }
}
