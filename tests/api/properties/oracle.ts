import { Ajv } from 'ajv';
import type { Contract } from '../../harness/contract.ts';
import type { Outcome } from './trigger.ts';

/** What is to come back for a body, by the document and the rule alone: nothing of the service is asked. */
export function oracleOf({ document }: Contract): (body: string | Buffer) => Outcome {
  const validate = new Ajv({ allErrors: true }).compile(requestSchema(document));
  return (body) => {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body)));
    } catch {
      return { kind: 'not JSON' };
    }
    if (!validate(value)) {
      const pointers = (validate.errors ?? []).map(({ instancePath, params }) =>
        [
          '#',
          ...instancePath.split('/').slice(1),
          ...('missingProperty' in params ? [params['missingProperty']] : []),
        ].join('/'),
      );
      return { kind: 'not valid', pointers: pointers.sort() };
    }
    const { emoji_type, message } = Object(value);
    return {
      kind: 'answer',
      feeling: emoji_type === 0 ? 'positive' : emoji_type === 1 ? 'neutral' : 'negative',
      message,
    };
  };
}

/** The schema of the request, as the document has it. */
export function requestSchema({ components }: Contract['document']): object {
  const schema = components.schemas['FeelingRequest'];
  if (!schema) throw new Error('openapi.yaml has no schema FeelingRequest.');
  return schema;
}
