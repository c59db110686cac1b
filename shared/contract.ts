/** The types and validators of openapi.yaml, under the names that the code uses. */
import type { components } from './contract.gen.ts';

export { operationList as operations, validateFeelingRequest } from './contract.gen.ts';

type Schemas = components['schemas'];

export type FeelingRequest = Schemas['FeelingRequest'];
export type FeelingResponse = Schemas['FeelingResponse'];
export type FeelingAnswer = Schemas['FeelingAnswer'];
export type Feeling = Schemas['Feeling'];
export type ValidationError = Schemas['ValidationError'];
/** Every problem that the function responds with, as RFC 9457 JSON. */
export type Problem =
  | Schemas['NotJsonProblem']
  | Schemas['InvalidBodyProblem']
  | Schemas['InvalidParametersProblem']
  | Schemas['TooLargeProblem']
  | Schemas['UnsupportedMediaTypeProblem']
  | Schemas['InternalProblem'];
/** An error response that API Gateway creates itself. */
export type GatewayError = Schemas['GatewayError'];
