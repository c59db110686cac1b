/** What `npm start` refuses before it loads the stack, or while it reads the configuration. */
export interface Refusal {
  /** Completes "npm start refuses". */
  what: string;
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** Its one line, except for what that says on help, or all of its output. */
  says: string | RegExp;
}

export const refusals: Refusal[] = [
  {
    what: 'a port out of range',
    env: { PORT: '70000' },
    says: 'PORT=70000: write a whole number from 0 to 65535',
  },
  {
    what: 'a port that is no number',
    env: { PORT: 'abc' },
    says: 'PORT=abc: write a whole number from 0 to 65535',
  },
  {
    what: 'a region that it accepts',
    env: { ANY_REGION: 'eu-west-1' },
    says: 'ANY_REGION=eu-west-1: write a whole number from 0 to 1',
  },
  {
    what: 'one port for two servers',
    env: { PORT: '4000', LAMBDA_PORT: '4000' },
    says: 'PORT and LAMBDA_PORT are both 4000: choose others',
  },
  {
    what: 'a queue folder that cannot be written',
    env: { QUEUE_DIRECTORY: import.meta.filename },
    says: `QUEUE_DIRECTORY=${import.meta.filename}: this folder cannot be written (EEXIST); choose another`,
  },
  {
    what: 'a temporary folder that does not exist',
    env: { TMPDIR: '/nowhere' },
    says: 'TMPDIR=/nowhere: this folder cannot be written (ENOENT); choose another',
  },
  { what: 'an unknown output', args: ['--output', 'xml'], says: '--output xml: write text or json' },
  { what: 'a key without a value', args: ['-c', 'stage'], says: '-c stage: write -c key=value' },
  {
    what: 'an unknown key',
    args: ['-c', 'stagee=prod'],
    says: /^stagee: no such key; npm start -- --help lists the keys\n$/,
  },
  {
    what: 'two values, and prints a cause last',
    args: ['-c', 'memoryMb=1', '-c', 'timeoutSeconds=99'],
    says: /^memoryMb=1: write a whole number .*\ntimeoutSeconds=99: write a whole number .*\n$/,
  },
];

/** What people write in place of what exists, and what they should have written. */
export const suggestions: [args: string[], suggestion: string][] = [
  [['--port', '4100'], "Unknown option '--port': write PORT=4100 npm start"],
  [['--port=4100'], "Unknown option '--port': write PORT=4100 npm start"],
  [['-p', '4100'], "Unknown option '-p': write PORT=4100 npm start"],
  [['--lambdaPort', '4101'], "Unknown option '--lambdaPort': write LAMBDA_PORT=4101 npm start"],
  [['4100'], "Unexpected argument '4100': to choose a port, write PORT=4100 npm start"],
  [['--follow'], "Unknown option '--follow': it is called --watch now"],
  [['--stage', 'prod'], "Unknown option '--stage': write -c stage=prod"],
  [['--memory-mb=256'], "Unknown option '--memory-mb': write -c memoryMb=256"],
  [['stage=prod'], "Unexpected argument 'stage=prod': to set a key, write npm start -- -c stage=prod"],
  [['nope'], "Unexpected argument 'nope': npm needs -- before options, as in npm start -- --output text"],
];

/** What npm takes for itself where `--` is missing, as it leaves it in the environment, and what to write. */
export const swallowed: [env: NodeJS.ProcessEnv, suggestion: string][] = [
  [{ npm_config_port: '4100' }, 'npm took --port for itself: write PORT=4100 npm start'],
  [{ npm_config_watch: 'true' }, 'npm took --watch for itself: write npm start -- --watch'],
  [{ npm_config_output: 'json' }, 'npm took --output for itself: write npm start -- --output json'],
  [{ npm_config_timeline: '' }, 'npm took --no-timeline for itself: write npm start -- --no-timeline'],
  [{ npm_config_call: 'stage=prod' }, 'npm took -c for itself: write npm start -- -c stage=prod'],
];
