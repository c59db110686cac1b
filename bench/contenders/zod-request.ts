import * as z from 'zod';

/** The request in zod's words. zod counts UTF-16 code units; the contract counts code points. */
export const request = z.object({
  emoji_type: z.number(),
  message: z.string().refine((message) => message.length <= 65_536 || [...message].length <= 65_536),
});

/** What zod found wrong, each fault with a pointer to the member. */
export function errorsOf({ issues }: Pick<z.core.$ZodError, 'issues'>): { pointer: string; detail: string }[] {
  return issues.map(({ path, message }) => ({ pointer: ['#', ...path.map(String)].join('/'), detail: message }));
}
