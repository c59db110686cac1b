const name =
  'Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?';
const pattern = 'Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+';
const violation = (value: string, member: string, constraint: string) =>
  `Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
const ofName = (value: string) => violation(value, 'functionName', name);
const ofQualifier = (value: string) => violation(value, 'qualifier', pattern);
const tooLong = (value: string) => violation(value, 'qualifier', 'Member must have length less than or equal to 128');
const longQualifier = 'q'.repeat(129);
const longName = 'n'.repeat(257);

interface Violation {
  FunctionName: string;
  Qualifier?: string;
  headers?: Record<string, string>;
  message: string;
}

/** Parameters of Invoke that violate constraints of Lambda's model (PLATFORM_FACTS 3.3). */
export const violations: Violation[] = [
  ...[
    'a b',
    'echo:',
    'echo:li ve',
    'echo:a.b',
    'echo!',
    ':live',
    'echo:1:2',
    'écho',
    'arn:aws:lambda:us-east-1:000000000000:function:',
    'arn:aws:lambda:us-east:000000000000:function:echo',
    'arn:aws:lambda:us-east-1:123:function:echo',
    'arn:aws:s3:us-east-1:000000000000:function:echo',
    'arn:aws:lambda:eu_sc-west-1:000000000000:function:echo',
    'echo:$LATEST.OTHER',
  ].map((FunctionName) => ({ FunctionName, message: `1 validation error detected: ${ofName(FunctionName)}` })),
  {
    FunctionName: longName,
    message: `1 validation error detected: ${violation(longName, 'functionName', 'Member must have length less than or equal to 256')}`,
  },
  ...['a b', 'a.b', 'a:b', 'ü'].map((Qualifier) => ({
    FunctionName: 'echo',
    Qualifier,
    message: `1 validation error detected: ${ofQualifier(Qualifier)}`,
  })),
  { FunctionName: 'echo', Qualifier: longQualifier, message: `1 validation error detected: ${tooLong(longQualifier)}` },
  {
    FunctionName: 'echo',
    Qualifier: `${longQualifier}.`,
    message: `2 validation errors detected: ${tooLong(`${longQualifier}.`)}; ${ofQualifier(`${longQualifier}.`)}`,
  },
  {
    FunctionName: 'a b',
    Qualifier: 'c d',
    message: `2 validation errors detected: ${ofQualifier('c d')}; ${ofName('a b')}`,
  },
  {
    FunctionName: 'echo',
    /** @aws 3.3: An unknown invocation type or log type violates a constraint. Its place among others is unknown. @unknown */
    headers: { 'x-amz-invocation-type': 'Bogus' },
    message: `1 validation error detected: ${violation('Bogus', 'invocationType', 'Member must satisfy enum value set: [Event, RequestResponse, DryRun]')}`,
  },
  {
    FunctionName: 'echo',
    headers: { 'x-amz-log-type': 'tail' },
    message: `1 validation error detected: ${violation('tail', 'logType', 'Member must satisfy enum value set: [Tail, None]')}`,
  },
  {
    FunctionName: 'a b',
    headers: { 'x-amz-invocation-type': 'event', 'x-amz-log-type': 'All' },
    message: `3 validation errors detected: ${ofName('a b')}; ${violation('event', 'invocationType', 'Member must satisfy enum value set: [Event, RequestResponse, DryRun]')}; ${violation('All', 'logType', 'Member must satisfy enum value set: [Tail, None]')}`,
  },
];
