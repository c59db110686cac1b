/** A line that a function wrote. */
export interface LogReport {
  event: 'log';
  /** The function's name. */
  function: string;
  /** Absent for a line written outside of an invocation. */
  requestId: string | undefined;
  line: string;
}
