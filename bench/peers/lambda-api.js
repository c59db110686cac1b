// JavaScript, because the package has types for CommonJS only.
import createApi from 'lambda-api';
import { validateFeelingRequest } from '../../shared/contract.ts';
import { validationErrors } from '../../shared/validation-errors.ts';
import { feelingOf, headers, problems, refused } from './feeling-log.ts';

const api = createApi({ headers });

api.post('/feeling', (request, response) => {
  if (!validateFeelingRequest(request.body)) {
    const problem = refused({ ...problems.invalidBody, errors: validationErrors(validateFeelingRequest) });
    return response.status(400).header('content-type', 'application/problem+json').json(problem);
  }
  return response.json(feelingOf(request.body));
});

export const handler = (event, context) => api.run(event, context);
