const imfFixdate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const rfc850Date = /^[A-Z][a-z]+day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/;
/** Has no time zone and means GMT. `Date.parse` would read it as local time. */
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * Returns the milliseconds from now of a `Retry-After` header: seconds, or a date in one of the three forms of RFC 9110
 * (10.2.3 and 5.6.7). Returns 0 for a date in the past and for anything else.
 */
export function retryAfterMs(header: string | null): number {
  const value = header ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = asctimeDate.test(value) ? `${value} GMT` : value;
  const isDate = date !== value || imfFixdate.test(value) || rfc850Date.test(value);
  return isDate ? Math.max(0, Date.parse(date) - Date.now() || 0) : 0;
}
