import { Ajv } from 'ajv';
import type { Contract } from '../../harness/contract.ts';
import type { Outcome } from './trigger.ts';

/**
 * Returns a function that says what is to come back for a body, by the document and the rule alone: nothing of the
 * service is asked.
 * @param measuresFirst whether a body that is too large is neither parsed nor validated
 */
export function oracleOf({ document }: Contract, measuresFirst: boolean): (body: string | Buffer) => Outcome {
  const validate = new Ajv({ allErrors: true }).compile(requestSchema(document));
  return (body) => {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body));
    } catch {
      return { kind: 'not JSON' };
    }
    if (measuresFirst && isTooLarge(text)) return { kind: 'too large' };
    let value: unknown;
    try {
      value = JSON.parse(text);
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
    if (isTooLarge(text)) return { kind: 'too large' };
    const { emoji_type, message } = Object(value);
    return {
      kind: 'answer',
      feeling: emoji_type === 0 ? 'positive' : emoji_type === 1 ? 'neutral' : 'negative',
      message,
    };
  };
}

/** Returns whether a text exceeds the limits that the document states in words. */
function isTooLarge(text: string): boolean {
  const outsideStrings = text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"?/gs, '');
  return Buffer.byteLength(text) > 1_048_576 || outsideStrings.length > 65_536;
}

/** The schema of the request, as the document has it. */
export function requestSchema({ components }: Contract['document']): object {
  const schema = components.schemas['FeelingRequest'];
  if (!schema) throw new Error('openapi.yaml has no schema FeelingRequest.');
  return schema;
}
