import type { Resource, Template } from './template.ts';

/** An edit of the template, and the refusal that it leads to. */
export interface Refusal {
  what: string;
  /** The type of the resource that the refusal names; undefined where it names the stack. */
  type?: string;
  /** Properties that the first resource of the type gets. */
  properties?: Record<string, unknown>;
  edit?: (template: Template, resource: Resource | undefined) => void;
  /** Whether the refusal names the last resource of the type. @default false, it names the first one */
  isLast?: boolean;
  says: RegExp;
}
