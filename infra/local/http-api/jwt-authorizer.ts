import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { AuthorizerModel } from '../cloud-assembly/stack-model.ts';
import { gatewayResponse, type HttpResponse } from './gateway-response.ts';
import { IssuerUnreachableError, Jwks } from './jwks.ts';

/** A token as the function sees it, in `requestContext.authorizer.jwt`. */
export interface Jwt {
  claims: Record<string, string>;
  /** The scopes of the token; null where the route requires none. */
  scopes: string[] | null;
}

/** A request without a valid token. */
export class NotAuthorizedError extends Error {
  override readonly name = 'NotAuthorizedError';
  readonly response: HttpResponse;

  constructor(response: HttpResponse) {
    super(`The request is refused with ${response.status}.`);
    this.response = response;
  }
}

/** API Gateway accepts RSA only (docs: http-api-jwt-authorizer): never `none`, nor HMAC with the public key as secret. */
const algorithms = ['RS256', 'RS384', 'RS512'];

/** Admits requests with a token of the issuer for one of the audiences (docs: http-api-jwt-authorizer). */
export class JwtAuthorizer {
  readonly model: AuthorizerModel;
  private readonly keys: Jwks;

  constructor(model: AuthorizerModel) {
    this.model = model;
    this.keys = new Jwks(model.issuer);
  }

  /**
   * Returns the token of a request.
   * @param header `Authorization`: the token, with or without `Bearer`
   * @param scopes the token must have one of them; an empty list requires none
   * @throws {NotAuthorizedError} when the token is missing or not valid.
   */
  async authorize(header: string | undefined, scopes: string[]): Promise<Jwt> {
    if (!header) throw new NotAuthorizedError(refusal(401, 'Unauthorized', 'Bearer'));
    const payload = await this.verify(header.replace(/^bearer +/i, '')).catch((error: unknown) => {
      throw new NotAuthorizedError(refusal(401, 'Unauthorized', challenge(scopes, 'invalid_token', reasonOf(error))));
    });
    if (scopes.length === 0) return { claims: claimsOf(payload), scopes: null };

    const granted = scopesOf(payload);
    if (!granted.some((scope) => scopes.includes(scope))) {
      const reason = 'the token has none of the scopes';
      throw new NotAuthorizedError(refusal(403, 'Forbidden', challenge(scopes, 'insufficient_scope', reason)));
    }
    return { claims: claimsOf(payload), scopes: granted };
  }

  private async verify(token: string): Promise<JWTPayload> {
    const { issuer, audiences } = this.model;
    const { payload } = await jwtVerify(token, this.keys.keyOf, {
      algorithms,
      issuer,
      // The docs list `exp` among the checked claims. Whether API Gateway accepts a token without it is unmeasured (?).
      requiredClaims: ['exp'],
    });
    const { aud, client_id: clientId, iat } = payload;
    if (iat !== undefined && iat > Date.now() / 1000) throw invalid(payload, 'iat');
    // Amazon Cognito's access tokens have client_id instead of aud.
    const intended = aud === undefined ? [clientId] : [aud].flat();
    if (!audiences.some((audience) => intended.includes(audience))) throw invalid(payload, 'aud');
    return payload;
  }
}

function invalid(payload: JWTPayload, claim: string): Error {
  return new errors.JWTClaimValidationFailed(`${claim} is not valid`, payload, claim);
}

function refusal(status: number, message: string, wwwAuthenticate: string): HttpResponse {
  const response = gatewayResponse(status, message);
  return { ...response, headers: [...response.headers, ['www-authenticate', wwwAuthenticate]] };
}

/** Returns `www-authenticate` in API Gateway's order (docs: http-api-troubleshooting-jwt). For a 403 it is unmeasured (?). */
function challenge(scopes: string[], error: string, reason: string): string {
  return `Bearer scope="${scopes.join(' ')}" error="${error}" error_description="${reason}"`;
}

/**
 * Returns the reason for `error_description`. The sentences about the audience and about an unreachable issuer are
 * API Gateway's; the others imitate them. Users of Okta and Auth0 report a 401 for an unreachable issuer:
 * "invalid_token: OIDC discovery endpoint communication error".
 */
function reasonOf(error: unknown): string {
  if (error instanceof IssuerUnreachableError) return error.message;
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `the token does not have a valid ${error.claim === 'aud' ? 'audience' : error.claim}`;
  }
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token does not have a valid kid';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token does not have a valid alg';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the token does not have a valid signature';
  if (error instanceof errors.JOSEError) return 'the token cannot be decoded';
  throw error;
}

/** Returns the scopes of a token: OAuth's `scope` is a string, Okta's and Microsoft's `scp` a string or a list. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  const scopes = scope ?? scp ?? [];
  return Array.isArray(scopes) ? scopes.map(String) : String(scopes).split(' ').filter(Boolean);
}

/** Returns claims as strings. A list becomes `[a b]`, and null is left out (measured: floci-io/floci#2011). */
function claimsOf(payload: JWTPayload): Record<string, string> {
  const claims = Object.entries(payload).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(claims.map(([name, value]) => [name, claimText(value)]));
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
