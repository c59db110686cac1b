// First: an old Node cannot read what comes below.
import '../require-node-24.cjs';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** A word of the command line or an environment variable that cannot be used. The message says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A program of the command line. */
export interface Program<Options extends ParseArgsOptionsConfig> {
  /** What people type, such as `npm run build`. */
  command: string;
  /** What `--help` prints. Loaded only then, if it is a function. */
  help: string | (() => Promise<string>);
  /** As for `parseArgs`. `--help` is one of every program's. */
  options: Options;
  /** Whether words other than options may be given. @default false */
  allowPositionals?: boolean;
  /** Returns what to write in place of an option or a word that the program does not take. */
  suggest?(option: UnknownOption): Promise<string | undefined>;
  main(values: OptionValues<Options>, positionals: string[]): Promise<void>;
  /** Returns a sentence that says what to do about an error. Any other error is printed with its stack trace. */
  explain?(error: Error): string | undefined;
}

/** An option as it was given: `--port 4100` is the name `port`, the text `--port` and the value `4100`. A word has no name. */
export interface UnknownOption {
  name: string;
  text: string;
  value: string | undefined;
}

type Parsed<Options extends ParseArgsOptionsConfig> = { options: Options; allowPositionals: true };
export type OptionValues<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<Parsed<Options>>
>['values'];

const helpOption = { help: { type: 'boolean', short: 'h', default: false } } satisfies ParseArgsOptionsConfig;

/**
 * Runs a program of the command line: prints its help, or its errors. An error is printed in one line that says how to
 * get help, so that its cause stays on the screen, and the exit code is then 1.
 */
export async function runProgram<const Options extends ParseArgsOptionsConfig>(
  program: Program<Options>,
): Promise<void> {
  try {
    const { help } = parseArgs({ options: helpOption, strict: false, allowPositionals: true }).values;
    if (help) return console.log(typeof program.help === 'string' ? program.help : await program.help());
    const { values, positionals } = await parse(program);
    await program.main(values, positionals);
  } catch (error) {
    console.error(messageOf(error, program));
    process.exitCode = 1;
  }
}

/** @throws {UsageError} for an option or a word that the program does not take. */
async function parse<const Options extends ParseArgsOptionsConfig>(program: Program<Options>) {
  const { options, allowPositionals = false, suggest } = program;
  const { tokens } = parseArgs({ options, strict: false, allowPositionals: true, tokens: true });
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'option' || token.name in options) continue;
    const following = tokens[index + 1];
    const value = token.value ?? (following?.kind === 'positional' ? following.value : undefined);
    const instead = await suggest?.({ name: token.name, text: token.rawName, value });
    throw new UsageError(`Unknown option '${token.rawName}'${instead ? `: ${instead}` : ''}`);
  }
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [word] = positionals;
  if (word !== undefined && !allowPositionals) {
    const instead = await suggest?.({ name: '', text: word, value: word });
    throw new UsageError(`Unexpected argument '${word}'${instead ? `: ${instead}` : ''}`);
  }
  return { values, positionals };
}

function messageOf(
  error: unknown,
  { command, explain }: Pick<Program<Record<string, never>>, 'command' | 'explain'>,
): string {
  if (!(error instanceof Error)) return String(error);
  const isUsage = error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_'));
  if (!isUsage) return explain?.(error) ?? error.stack ?? error.message;
  const help = `Help: ${command} -- --help`.replace('--silent ', '');
  return `${error.message.replace(/[.\s]+$/, '')}${/[?!]$/.test(error.message) ? '' : '.'} ${help}`;
}
