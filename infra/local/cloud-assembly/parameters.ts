import { account, region } from '../aws/arn.ts';
import type { Parameter } from './template-shape.ts';

/** The value of `Ref: AWS::NoValue`: CloudFormation removes the property or the list item that has it. */
export const noValue = Symbol('AWS::NoValue');

/**
 * Returns what `Ref` gives for pseudo parameters and for parameters with a default, by name. `npm start` has no
 * other values for parameters.
 */
export function parameterValues(stackName: string, parameters: Record<string, Parameter>): Map<string, unknown> {
  const values = new Map<string, unknown>([
    ['AWS::AccountId', account],
    ['AWS::NoValue', noValue],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', region],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);
  for (const [name, { Type, Default }] of Object.entries(parameters)) {
    // The default of these is the name of a value that Systems Manager keeps.
    if (Default === undefined || Type.startsWith('AWS::SSM::Parameter::Value')) continue;
    if (Type === 'Number') values.set(name, Number(Default));
    else if (Type === 'CommaDelimitedList' || Type.startsWith('List<')) {
      values.set(
        name,
        String(Default)
          .split(',')
          .map((item) => item.trim()),
      );
    } else values.set(name, String(Default));
  }
  return values;
}
