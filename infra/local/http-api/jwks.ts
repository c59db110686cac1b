import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

/** API Gateway gives an issuer this long, and keeps its keys for two hours (docs: http-api-quotas, http-api-jwt-authorizer). */
const timeoutMs = 1500;
const keptMs = 2 * 60 * 60_000;
/** How long nobody asks it again for a key that it does not have. */
const cooldownMs = 30_000;

type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;

const configurationShape = z.object({ jwks_uri: z.url() });

/** An issuer does not give its keys. The messages are API Gateway's own, from its access log. */
export class IssuerUnreachable extends Error {
  override readonly name = 'IssuerUnreachable';
}

/**
 * The keys that an issuer signs tokens with. They are fetched when they are first needed, by the OpenID
 * configuration of the issuer, and again for a token whose key is not among them, though at most every
 * half minute. How soon API Gateway learns of a new key is unmeasured (?).
 */
export class Jwks {
  private readonly issuer: string;
  private keys: Promise<RemoteKeys> | undefined;
  private fetchedAt = Number.NEGATIVE_INFINITY;

  constructor(issuer: string) {
    this.issuer = issuer;
  }

  /**
   * The key that a token is signed with.
   * @throws {IssuerUnreachable}
   * @throws {errors.JWKSNoMatchingKey} when the issuer has no such key, or the token names none.
   */
  keyOf: JWTVerifyGetKey = async (header, token) => {
    // Even an issuer's only key has to be named (docs: http-api-jwt-authorizer, kid).
    if (header?.kid === undefined) throw new errors.JWKSNoMatchingKey();
    this.keys ??= this.discover();
    const keys = await this.keys.catch((cause: unknown) => {
      this.keys = undefined;
      throw new IssuerUnreachable('OIDC discovery endpoint communication error', { cause });
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
      throw new IssuerUnreachable('JWKS communication error', { cause });
    }
  };

  private async discover(): Promise<RemoteKeys> {
    const url = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    const { jwks_uri } = configurationShape.parse(await response.json());
    // When to fetch again is said above: jose goes by the clock of the wall, which may be set back by hours.
    const never = { cacheMaxAge: Number.POSITIVE_INFINITY, cooldownDuration: Number.POSITIVE_INFINITY };
    return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: timeoutMs, ...never });
  }

  private async fetch(keys: RemoteKeys): Promise<void> {
    await keys.reload();
    this.fetchedAt = performance.now();
  }

  /** How long ago the keys were fetched, in milliseconds. */
  private age(): number {
    return performance.now() - this.fetchedAt;
  }
}
