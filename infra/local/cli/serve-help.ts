import { configurationHelp } from '../../configuration.ts';
import { defaultEnvironments } from './serve-options.ts';

/** Returns how `npm start` and `npm run dev` are used. */
export function serveHelp(): string {
  return `npm start [-- options]
npm run dev [-- options]

Synthesises the stack and serves it on 127.0.0.1, as AWS would. npm run dev also serves each edit of functions,
stack and contract as soon as it is saved. When an edit is broken, the previous version stays in service.

  -c, --context key=value  sets a key of the configuration; may be repeated
  --output text|json       format of the output; default: text on a terminal, else a JSON object on each line
  --verbose                lists every resource type of the stack that is not emulated
  --no-timeline            keeps no requests in memory for the page /requests
  --watch                  serves each edit: what npm run dev does
  --inspect                gives each function an inspector for a debugger, and suspends timeouts and memory limits
  --inspect-brk            does the same, and waits for the debugger before the function is loaded
  -h, --help               prints this

Keys and their defaults:
${configurationHelp()}

Environment variables:
  PORT=3000              port of the API; 0 for any free port
  AWS_PORT=3001          port of Lambda, SQS, SNS and EventBridge, for the AWS CLI and SDKs; also LAMBDA_PORT
  DOCS_PORT=3002         port of a page that calls the API, and of the API reference; 0 for any free port
  MAX_ENVIRONMENTS=${String(defaultEnvironments()).padEnd(5)} execution environments (processes) of each version of a function
  RETRY_SECONDS=60       delay before the first retry of a failed asynchronous event; the second takes twice as long
  INSPECT_PORT=9229      port of the first function's inspector, with --inspect; 0 for any free ports
  ANY_REGION=0           1 accepts function ARNs of any region and account; AWS refuses those of others
  JOURNAL=1              0 does not keep asynchronous events on the disk until they end
  QUEUE_DIRECTORY=.local folder for the queues of the stack and for accepted events
  NO_COLOR, FORCE_COLOR  whether text is coloured; the default is only on a terminal`;
}
