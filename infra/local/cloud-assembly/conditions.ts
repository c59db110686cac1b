import { z } from 'zod';
import { UnsupportedResourceError } from './unsupported-resource.ts';

const condition = z.union([
  z.strictObject({ Condition: z.string() }),
  z.strictObject({ 'Fn::Equals': z.tuple([z.unknown(), z.unknown()]) }),
  z.strictObject({ 'Fn::Not': z.tuple([z.unknown()]) }),
  z.strictObject({ 'Fn::And': z.array(z.unknown()).min(2).max(10) }),
  z.strictObject({ 'Fn::Or': z.array(z.unknown()).min(2).max(10) }),
]);

/** Evaluates the conditions of a template, as far as their inputs are known on this machine. */
export class Conditions {
  private readonly expressions: Readonly<Record<string, unknown>>;
  private readonly resolve: (value: unknown, user: string) => unknown;

  /** @param resolve returns a template value with its intrinsic functions resolved */
  constructor(expressions: Readonly<Record<string, unknown>>, resolve: (value: unknown, user: string) => unknown) {
    this.expressions = expressions;
    this.resolve = resolve;
  }

  /**
   * Returns whether a condition holds.
   * @param user the logical id of the resource that has the condition
   * @throws {UnsupportedResourceError} when its value is not known on this machine.
   */
  holds(name: string, user: string): boolean {
    try {
      return this.named(name, user, []);
    } catch (error) {
      if (!(error instanceof UnsupportedResourceError)) throw error;
      throw new UnsupportedResourceError(
        user,
        `has the Condition ${name}, whose value is not known on this machine: it ${error.reason}`,
      );
    }
  }

  private named(name: string, user: string, within: string[]): boolean {
    if (within.includes(name)) throw new UnsupportedResourceError(user, `depends on itself through ${name}.`);
    if (!Object.hasOwn(this.expressions, name)) {
      throw new UnsupportedResourceError(user, `needs the Condition ${name}, which the template does not define.`);
    }
    return this.evaluate(this.expressions[name], user, [...within, name]);
  }

  private evaluate(expression: unknown, user: string, within: string[]): boolean {
    const parsed = condition.safeParse(expression);
    if (!parsed.success) {
      throw new UnsupportedResourceError(user, `contains ${JSON.stringify(expression)}, which is no condition.`);
    }
    const { data } = parsed;
    if ('Condition' in data) return this.named(data.Condition, user, within);
    if ('Fn::Equals' in data) {
      const [one, other] = data['Fn::Equals'].map((operand) => String(this.resolve(operand, user)));
      return one === other;
    }
    if ('Fn::Not' in data) return !this.evaluate(data['Fn::Not'][0], user, within);
    if ('Fn::And' in data) return !this.isAny(false, data['Fn::And'], user, within);
    return this.isAny(true, data['Fn::Or'], user, within);
  }

  /** Returns whether one of the operands has a value. One that does decides, even if others are not known. */
  private isAny(value: boolean, operands: unknown[], user: string, within: string[]): boolean {
    const unknown: unknown[] = [];
    for (const operand of operands) {
      try {
        if (this.evaluate(operand, user, within) === value) return true;
      } catch (error) {
        unknown.push(error);
      }
    }
    if (unknown.length > 0) throw unknown[0];
    return false;
  }
}
