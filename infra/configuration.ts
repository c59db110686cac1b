import type { Node } from 'constructs';
import { z } from 'zod';
import { type StageConfiguration, stageSchema } from './stage-schema.ts';
import { stages } from './stages.ts';

/** What the stack is made with. */
export type Configuration = StageConfiguration & { stage: string };

const stageName = z.string().regex(/^[a-z][a-z0-9-]{0,15}$/, 'write 1 to 16 of a-z, 0-9 and -, a letter first');

/** A value of the configuration that cannot be used. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads the configuration: that of the stage which the CDK context names, with what else it sets.
 * @throws {ConfigurationError} naming every key that is unknown, missing or has a value that cannot be used.
 */
export function configurationOf(node: Node): Configuration {
  const all: Record<string, unknown> = node.getAllContext();
  // The CDK's own keys have a namespace (@aws-cdk/…, aws:cdk:…), but for its switch in cdk.json.
  const { stage: givenStage = 'dev', ...given } = Object.fromEntries(
    Object.entries(all).filter(([key]) => !/[:/]/.test(key) && key !== 'cli-telemetry'),
  );
  const stage = stageName.safeParse(givenStage);
  if (!stage.success) throw refusal([`stage=${givenStage}: ${stage.error.issues[0]?.message}`]);

  const listed = Object.entries(stages).find(([name]) => name === stage.data)?.[1] ?? stages.dev;
  const values: Record<string, unknown> = { ...listed, ...given };
  const parsed = stageSchema.safeParse(values);
  if (!parsed.success) {
    throw refusal(
      parsed.error.issues.flatMap(({ path: [key = ''], message, ...issue }) => {
        if (issue.code === 'unrecognized_keys') return issue.keys.map((unknown) => `${unknown}: no such key`);
        const value = values[String(key)];
        return value === undefined ? `${String(key)}: is missing` : `${String(key)}=${String(value)}: ${message}`;
      }),
    );
  }
  const faults = contradictions(stage.data, parsed.data);
  if (faults.length > 0) throw refusal(faults);
  return { stage: stage.data, ...parsed.data };
}

/** What is wrong with values that are right each by itself. */
function contradictions(stage: string, configuration: StageConfiguration): string[] {
  const { allowedOrigins, allowAnyOrigin, alarmEmail, domainName, certificateArn, jwtIssuer, jwtAudience } =
    configuration;
  const faults: string[] = [];
  if (stage === 'prod' && allowedOrigins.includes('*') && !allowAnyOrigin) {
    faults.push('allowedOrigins=*: in prod, name the origins, or set anyOriginIsMeant=true');
  }
  if (stage === 'prod' && !alarmEmail) faults.push('alarmEmail: is missing; in prod somebody is to be told of alarms');
  if (!domainName !== !certificateArn) faults.push('domainName and certificateArn: set both or neither');
  if (!jwtIssuer !== !jwtAudience) faults.push('jwtIssuer and jwtAudience: set both or neither');
  return faults;
}

/** Says the cause first and last: the list of keys would push it off the screen. */
function refusal(faults: string[]): ConfigurationError {
  const where = 'Keys are set in infra/stages.ts or by -c key=value; npm start -- --help lists them.';
  const [fault, ...more] = faults;
  return new ConfigurationError(
    more.length === 0 ? `${fault}. ${where}` : `The configuration cannot be used. ${where}\n  ${faults.join('\n  ')}`,
  );
}

/** The keys, their values in dev and what they mean, a line each. */
export function configurationHelp(): string {
  const values: Record<string, unknown> = { ...stages.dev };
  const keys = Object.entries(stageSchema.shape).map(
    ([key, { description }]) => `  ${`${key}=${values[key] ?? ''}`.padEnd(24)} ${description}`,
  );
  return [
    `  ${'stage=dev'.padEnd(24)} name of this copy of the API; it stands in the names of its resources`,
    ...keys,
  ].join('\n');
}
