import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { AuthorizerModel } from '../cloud-assembly/stack-model.ts';
import { gatewayResponse, type HttpResponse } from './gateway-response.ts';
import { IssuerUnreachable, Jwks } from './jwks.ts';

/** A token as the function sees it, in `requestContext.authorizer.jwt`. */
export interface Jwt {
  claims: Record<string, string>;
  /** Those of the token; null where the route asks for none. */
  scopes: string[] | null;
}

/** A request that does not get through. */
export class NotAuthorizedError extends Error {
  override readonly name = 'NotAuthorizedError';
  readonly answer: HttpResponse;

  constructor(answer: HttpResponse) {
    super(`The request is answered with ${answer.status}.`);
    this.answer = answer;
  }
}

/** API Gateway takes RSA only (docs: http-api-jwt-authorizer): never `none`, nor a secret that is a public key. */
const algorithms = ['RS256', 'RS384', 'RS512'];

/** Lets requests through that have a token of an issuer for an audience (docs: http-api-jwt-authorizer). */
export class JwtAuthorizer {
  private readonly authorizer: AuthorizerModel;
  private readonly keys: Jwks;

  constructor(authorizer: AuthorizerModel) {
    this.authorizer = authorizer;
    this.keys = new Jwks(authorizer.issuer);
  }

  /**
   * Checks the token of a request.
   * @param header `Authorization`: the token, with or without `Bearer` before it
   * @param scopes of which the token is to have one; of none, it needs none
   * @throws {NotAuthorizedError} when there is no token, or none that is good.
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
    const { issuer, audiences } = this.authorizer;
    const { payload } = await jwtVerify(token, this.keys.keyOf, {
      algorithms,
      issuer,
      // It is listed among what is checked. Whether API Gateway takes a token that never ends is unmeasured (?).
      requiredClaims: ['exp'],
    });
    const { aud, client_id: clientId, iat } = payload;
    if (iat !== undefined && iat > Date.now() / 1000) throw invalid(payload, 'iat');
    // Amazon Cognito's access tokens have a client_id in the place of an aud.
    const meant = aud === undefined ? [clientId] : [aud].flat();
    if (!audiences.some((audience) => meant.includes(audience))) throw invalid(payload, 'aud');
    return payload;
  }
}

function invalid(payload: JWTPayload, claim: string): Error {
  return new errors.JWTClaimValidationFailed(`${claim} is not valid`, payload, claim);
}

function refusal(status: number, message: string, wwwAuthenticate: string): HttpResponse {
  const answer = gatewayResponse(status, message);
  return { ...answer, headers: [...answer.headers, ['www-authenticate', wwwAuthenticate]] };
}

/** In the order of API Gateway (docs: http-api-troubleshooting-jwt); that of a 403 is unmeasured (?). */
function challenge(scopes: string[], error: string, reason: string): string {
  return `Bearer scope="${scopes.join(' ')}" error="${error}" error_description="${reason}"`;
}

/**
 * What is wrong, for `error_description`. The sentences on the audience and on an issuer that cannot be
 * reached are API Gateway's; the others are in their manner. That such an issuer makes a 401 is known
 * from what people report of Okta and Auth0: "invalid_token: OIDC discovery endpoint communication error".
 */
function reasonOf(error: unknown): string {
  if (error instanceof IssuerUnreachable) return error.message;
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

/** OAuth's `scope` is a text of words, Okta's and Microsoft's `scp` that or a list. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  const scopes = scope ?? scp ?? [];
  return Array.isArray(scopes) ? scopes.map(String) : String(scopes).split(' ').filter(Boolean);
}

/** Claims as texts: a list becomes `[a b]`, and null is left out (measured: floci-io/floci#2011). */
function claimsOf(payload: JWTPayload): Record<string, string> {
  const claims = Object.entries(payload).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(claims.map(([name, value]) => [name, claimText(value)]));
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
