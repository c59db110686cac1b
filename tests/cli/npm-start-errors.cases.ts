/** What `npm start` refuses before it loads the stack, or while it reads the configuration. */
export interface Refusal {
  /** Completes "npm start refuses". */
  what: string;
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** What it prints. */
  says: RegExp;
}

export const refusals: Refusal[] = [
  { what: 'a port out of range', env: { PORT: '70000' }, says: /^PORT=70000: write a whole number from 0 to 65535\n/ },
  {
    what: 'one port for two servers',
    env: { PORT: '4000', LAMBDA_PORT: '4000' },
    says: /^PORT and LAMBDA_PORT are both 4000: choose others\n/,
  },
  {
    what: 'a queue folder that cannot be written',
    env: { QUEUE_DIRECTORY: import.meta.filename },
    says: /^QUEUE_DIRECTORY=\S+npm-start-errors\.cases\.ts: is no folder/,
  },
  { what: 'an unexpected argument', args: ['nope'], says: /^Unexpected argument 'nope'/ },
  { what: 'an unknown output', args: ['--output', 'xml'], says: /^--output xml: write text or json\n/ },
  { what: 'a key without a value', args: ['-c', 'stage'], says: /^-c stage: write -c key=value\n/ },
  { what: 'an unknown key', args: ['-c', 'stagee=prod'], says: /stagee: no such key/ },
];
