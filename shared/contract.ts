/** The contract in the words of TypeScript: what openapi.yaml says, under the names the code uses. */
import type { components } from './contract.gen.ts';

export { operationList as operations, validateFeelingRequest } from './contract.gen.ts';

type Schemas = components['schemas'];

export type FeelingRequest = Schemas['FeelingRequest'];
export type FeelingResponse = Schemas['FeelingResponse'];
export type Feeling = Schemas['Feeling'];
export type ValidationError = Schemas['ValidationError'];
/** Every problem that the function answers with, as RFC 9457 JSON. */
export type Problem =
  | Schemas['NotJsonProblem']
  | Schemas['InvalidBodyProblem']
  | Schemas['UnsupportedMediaTypeProblem']
  | Schemas['InternalProblem'];
/** What API Gateway answers itself. */
export type GatewayError = Schemas['GatewayError'];
