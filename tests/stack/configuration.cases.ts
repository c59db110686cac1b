import { deployedFunctions } from '../harness/deployed-functions.ts';

const { length: count } = deployedFunctions;

/** Configurations that are refused: what the context says, and how the message begins. */
export const refusedConfigurations: [context: Record<string, string>, message: string][] = [
  [{ memorySize: '512' }, 'memorySize: no such key; npm start -- --help lists the keys'],
  [{ anyOriginIsMeant: 'true' }, 'anyOriginIsMeant: is called allowAnyOrigin now'],
  [{ stage: 'Prod!' }, 'stage=Prod!: write 1 to 16 of a-z, 0-9 and -, starting with a letter'],
  [{ memoryMb: '-1' }, 'memoryMb=-1: write a whole number from 128 to 10240'],
  [{ memoryMb: 'much' }, 'memoryMb=much: write a whole number from 128 to 10240'],
  [{ timeoutSeconds: '30' }, 'timeoutSeconds=30: write a whole number from 1 to 29'],
  [{ throttleRate: '0' }, 'throttleRate=0: write a whole number from 1 to 10000'],
  [{ throttleBurst: '1.5' }, 'throttleBurst=1.5: write a whole number from 1 to 5000'],
  [{ reservedConcurrency: '901' }, 'reservedConcurrency=901: write a whole number from 1 to 900'],
  [{ accountConcurrency: '9' }, 'accountConcurrency=9: write a whole number from 10 to 1000000'],
  [{ allowedOrigins: 'https://a.example/' }, 'allowedOrigins=https://a.example/: write * or an origin such as'],
  [{ allowedOrigins: 'https://a.example,' }, 'allowedOrigins=https://a.example,: write * or an origin such as'],
  [{ allowedHeaders: 'x-a; x-b' }, 'allowedHeaders=x-a; x-b: write header names such as traceparent'],
  [{ allowAnyOrigin: 'maybe' }, 'allowAnyOrigin=maybe: write true or false'],
  [{ ignoreAlarms: 'maybe' }, 'ignoreAlarms=maybe: write true or false'],
  [{ logRetentionDays: '2' }, 'logRetentionDays=2: write one of 1, 3, 5, 7,'],
  [{ logLevel: 'LOUD' }, 'logLevel=LOUD: write one of TRACE, DEBUG, INFO, WARN, ERROR'],
  // Above ERROR the functions log no errors, and nothing would fire an alarm or roll a deployment back.
  [{ logLevel: 'FATAL' }, 'logLevel=FATAL: write one of TRACE, DEBUG, INFO, WARN, ERROR'],
  [{ alarmEmail: 'nobody' }, 'alarmEmail=nobody: write an e-mail address'],
  [{ removalPolicy: 'burn' }, 'removalPolicy=burn: write one of destroy, retain'],
  [{ deployment: 'Yolo' }, 'deployment=Yolo: write one of AllAtOnce, '],
  [{ deployment: 'Canary10Percent5Minutes' }, 'deployment=Canary10Percent5Minutes: write one of AllAtOnce, '],
  [
    { sources: 'queue,stream' },
    'sources=queue,stream: write queue, topic, bus, schedule, separated by commas, or nothing',
  ],
  [{ topicFilter: 'kind' }, 'topicFilter=kind: write a filter policy as JSON, such as {"kind":["reaction"]}'],
  [{ topicFilter: '{"kind":"reaction"}', sources: 'topic' }, 'topicFilter={"kind":"reaction"}: write a filter policy'],
  [{ topicFilter: '{"kind":["reaction"]}', sources: 'queue' }, 'topicFilter: requires the source topic'],
  [
    { throttleRate: '10', reservedConcurrency: '301', sources: 'queue' },
    'reservedConcurrency=301: 3 functions reserve 903, and Lambda keeps 100 of accountConcurrency=1000 free',
  ],
  [{ domainName: 'feeling.example' }, 'domainName and certificateArn: set both or neither'],
  [{ certificateArn: 'arn:aws:iam::123456789012:server-certificate/x' }, 'certificateArn=arn:aws:iam:'],
  [{ jwtIssuer: 'https://issuer.example' }, 'jwtIssuer and jwtAudience: set both or neither'],
  [{ jwtIssuer: 'issuer', jwtAudience: 'x' }, 'jwtIssuer=issuer: write the https URL of the issuer'],
  [{ jwtIssuer: 'http://issuer.example', jwtAudience: 'x' }, 'jwtIssuer=http://issuer.example: write the https URL'],
  [
    { throttleRate: '1001', reservedConcurrency: '100' },
    'throttleRate=1001: Lambda accepts 10 requests per second for each unit of reservedConcurrency=100; write at most 1000',
  ],
  [
    { throttleRate: '101', accountConcurrency: '10' },
    'throttleRate=101: Lambda accepts 10 requests per second for each unit of accountConcurrency=10; write at most 100',
  ],
  [
    { throttleRate: '10', reservedConcurrency: '451', accountConcurrency: '1000' },
    `reservedConcurrency=451: ${count} functions reserve ${451 * count}, and Lambda keeps 100 of accountConcurrency=1000 free; write at most ${Math.floor(900 / count)}`,
  ],
  [
    { throttleRate: '10', reservedConcurrency: '1', accountConcurrency: '50' },
    `reservedConcurrency=1: ${count} functions reserve ${count}, and Lambda keeps 100 of accountConcurrency=50 free; leave it out`,
  ],
];
