/** Templates of the real stack, for the tests that read them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { synthesise } from '../../infra/app.ts';
import { logicalId } from '../harness/deployed-functions.ts';
import { synthesiseStack } from '../harness/feeling-api.ts';
import { testConfiguration } from '../harness/test-configuration.ts';

/** prod as infra/stages.ts has it, with an address that can be deployed, and with what tests of prod are about. */
export const prodContext = {
  stage: 'prod',
  alarmEmail: 'operations@feeling.test',
  removalPolicy: 'retain',
  domainName: undefined,
  certificateArn: undefined,
  jwtIssuer: undefined,
  jwtAudience: undefined,
};

/** Returns the template of the stack that all tests share. */
export async function sharedTemplate(): Promise<Template> {
  await using stack = await synthesiseStack();
  return Template.fromJSON(JSON.parse(await readFile(join(stack.directory, 'Feeling.template.json'), 'utf8')));
}

/** Returns the template with `testConfiguration`, and with other values for some of its keys. */
export function templateWith(context: Record<string, string>): Template {
  return templateOf({ ...testConfiguration, ...context });
}

/** Returns the template with the values of infra/stages.ts, and with other values for some keys. */
export function templateOf(context: Record<string, string | undefined>): Template {
  const key = JSON.stringify(context);
  const made = templates.get(key) ?? synthesisedTemplate(context);
  templates.set(key, made);
  return made;
}

const templates = new Map<string, Template>();

function synthesisedTemplate(context: Record<string, string | undefined>): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'feeling-api-test-'));
  try {
    return Template.fromJSON(synthesise({ outdir, context }).getStackArtifact('Feeling').template);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Matches the logical id of a construct by the name that the stack gives it. */
export function idOf(name: string, part = '') {
  return Match.stringLikeRegexp(`^${logicalId(name)}${part}`);
}
