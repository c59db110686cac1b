import * as z from 'zod';

/** The schema of the request. zod counts UTF-16 code units; the contract counts code points. */
export const request = z.object({
  emoji_type: z.number(),
  message: z.string().refine((message) => message.length <= 65_536 || [...message].length <= 65_536),
});

/** Returns the errors of zod with a pointer to each member. */
export function errorsOf({ issues }: Pick<z.core.$ZodError, 'issues'>): { pointer: string; detail: string }[] {
  return issues.map(({ path, message }) => ({ pointer: ['#', ...path.map(String)].join('/'), detail: message }));
}
