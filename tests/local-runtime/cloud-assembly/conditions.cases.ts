const equals = (one: unknown, other: unknown) => ({ 'Fn::Equals': [one, other] });
const yes = equals('a', 'a');
const no = equals('a', 'b');
const unknown = equals({ Ref: 'Unset' }, 'a');
const stage = { Ref: 'Stage' };

/** Conditions that are true on this machine. `Stage` is `dev`, `Count` is 3. */
export const trueConditions: unknown[] = [
  yes,
  equals({ Ref: 'AWS::Region' }, 'us-east-1'),
  equals({ Ref: 'AWS::AccountId' }, '000000000000'),
  equals({ Ref: 'AWS::Partition' }, 'aws'),
  equals({ Ref: 'AWS::StackName' }, 'Test'),
  equals(stage, 'dev'),
  equals({ Ref: 'Count' }, '3'),
  equals({ 'Fn::Sub': `\${Stage}-\${AWS::Region}` }, 'dev-us-east-1'),
  equals({ 'Fn::Select': [0, { 'Fn::Split': ['-', { Ref: 'AWS::Region' }] }] }, 'us'),
  equals({ 'Fn::FindInMap': ['Stages', stage, 'isOpen'] }, 'yes'),
  { 'Fn::Not': [no] },
  { 'Fn::And': [yes, { Condition: 'Region' }] },
  { 'Fn::Or': [no, no, yes] },
  { 'Fn::Or': [unknown, yes] },
  { Condition: 'Region' },
];

/** Conditions that are false on this machine. */
export const falseConditions: unknown[] = [
  no,
  equals({ Ref: 'AWS::Region' }, 'eu-central-1'),
  equals(stage, 'prod'),
  equals(stage, 'DEV'),
  { 'Fn::Not': [yes] },
  { 'Fn::Not': [{ Condition: 'Region' }] },
  { 'Fn::And': [yes, no] },
  { 'Fn::And': [unknown, no] },
  { 'Fn::Or': [no, no] },
];

/** Conditions whose value depends on what this machine does not know, and why. */
export const unknownConditions: [condition: unknown, reason: RegExp][] = [
  [unknown, /refers to Unset, which has no value on this machine\. Give the parameter a Default\./],
  [equals({ Ref: 'Stored' }, 'a'), /refers to Stored/],
  [{ 'Fn::Not': [unknown] }, /refers to Unset/],
  [{ 'Fn::And': [yes, unknown] }, /refers to Unset/],
  [{ 'Fn::Or': [unknown, no] }, /refers to Unset/],
  [equals({ 'Fn::ImportValue': 'x' }, 'a'), /uses Fn::ImportValue/],
  [{ Condition: 'Absent' }, /needs the Condition Absent, which the template does not define/],
  [{ Condition: 'Tested' }, /depends on itself through Tested/],
  [{ 'Fn::And': [yes] }, /which is no condition/],
  [{ 'Fn::Equals': ['a'] }, /which is no condition/],
  ['true', /which is no condition/],
];
