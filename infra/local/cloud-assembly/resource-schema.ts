import { z } from 'zod';

/** A type of resource that affects a request. */
export interface ResourceSchema<Shape extends z.ZodType = z.ZodType> {
  type: string;
  /** The served properties. It is strict: any other property is an error. */
  shape: Shape;
  /** Properties that do not affect a request. */
  ignored: readonly string[];
}

export function served<Shape extends z.ZodType>(
  type: string,
  shape: Shape,
  ignored: string[] = [],
): ResourceSchema<Shape> {
  return { type, shape, ignored };
}

/** CloudFormation converts between numbers and text. */
export const integer = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.number().int());
