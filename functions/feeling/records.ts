/**
 * Batches of records from an event source that Lambda polls. A record has a request as `POST /feeling` takes it; its
 * answer goes to the queue ANSWERS_QUEUE_URL. A record without a confirmed answer is returned as failed and comes again
 * (docs: services-sqs-errorhandling). So nothing is lost, and an answer may come twice.
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { limitsInWords } from '../../shared/body-limits.ts';
import { type FeelingAnswer, type FeelingRequest, validateFeelingRequest } from '../../shared/contract.ts';
import { validationErrors } from '../../shared/validation-errors.ts';
import { isTooLarge } from '../middleware/json-size.ts';
import { sendMessages } from '../sqs/send-messages.ts';
import { type Envelope, envelopeOf } from './envelope.ts';
import { feelingOf } from './feeling.ts';
import { InvalidEvent } from './invalid-event.ts';
import { logResponse } from './respond.ts';

/** How much of the remaining time the answers may take. The rest is for the log and the result. */
const shareOfTime = 0.8;

/** Why a record has no answer. */
interface Failure {
  errorType: 'InvalidEvent' | 'AnswerNotSent' | 'GroupHasFailed';
  errorMessage: string;
}

interface Reaction extends Envelope {
  request: FeelingRequest | undefined;
  failure: Failure | undefined;
}

/** @throws {TypeError} for a record of a source that it does not know: Lambda then retries the whole batch */
export async function handler({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const reactions = Records.map((record) => read(envelopeOf(record)));
  keepOrder(reactions);
  await answer(reactions, AbortSignal.timeout(Math.floor(shareOfTime * context.getRemainingTimeInMillis())));
  keepOrder(reactions);
  for (const reaction of reactions) log(reaction);
  const failed = reactions.filter(({ failure }) => failure);
  return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
}

/** Reads the request of a record, as strictly as the other triggers. */
function read(envelope: Envelope): Reaction {
  try {
    const request = requestOf(envelope.text);
    return { ...envelope, request, failure: undefined };
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    return { ...envelope, request: undefined, failure: { errorType: error.name, errorMessage: error.message } };
  }
}

/** @throws {InvalidEvent} if the text is no request of the contract */
function requestOf(text: string): FeelingRequest {
  if (isTooLarge(text)) throw new InvalidEvent([{ pointer: '#', detail: `must have ${limitsInWords}` }]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Drops the error: its message quotes the text, which must not reach the log.
    throw new InvalidEvent([{ pointer: '#', detail: 'must be JSON' }]);
  }
  if (!validateFeelingRequest(value)) throw new InvalidEvent(validationErrors(validateFeelingRequest));
  return value;
}

/** Has the records of a message group wait for the failed one before them: a FIFO queue keeps their order. */
function keepOrder(reactions: Reaction[]): void {
  const failedGroups = new Set<string>();
  for (const reaction of reactions) {
    if (reaction.group === undefined) continue;
    if (failedGroups.has(reaction.group)) {
      reaction.failure ??= { errorType: 'GroupHasFailed', errorMessage: 'a record before it in its group failed' };
    }
    if (reaction.failure) failedGroups.add(reaction.group);
  }
}

/** Sends the answers of the records that have not failed, and has those fail that are not confirmed. */
async function answer(reactions: Reaction[], signal: AbortSignal): Promise<void> {
  const answered: Reaction[] = [];
  const answers: FeelingAnswer[] = [];
  for (const reaction of reactions) {
    const { id, source, request, failure } = reaction;
    if (failure || !request) continue;
    answered.push(reaction);
    answers.push({ id, source, feeling: feelingOf(request.emoji_type), message: request.message });
  }
  const bodies = answers.map((message) => JSON.stringify(message));
  const reasons = await sendMessages(process.env['ANSWERS_QUEUE_URL'] ?? '', bodies, signal);
  for (const [index, reaction] of answered.entries()) {
    const errorMessage = reasons[index];
    if (errorMessage !== undefined) reaction.failure = { errorType: 'AnswerNotSent', errorMessage };
  }
}

/** Writes the one log line of a record: that of the other triggers once its answer is confirmed, or why it failed. */
function log({ id, source, request, failure }: Reaction): void {
  if (failure || !request) {
    console.error({ id, source, ...failure });
    return;
  }
  // A request that tests the way is counted apart.
  const canary = 'canary' in request && request.canary === true;
  logResponse(request, feelingOf(request.emoji_type), { id, source, ...(canary && { canary }) });
}
