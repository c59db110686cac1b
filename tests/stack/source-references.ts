/** What the tests of the event sources share. */
import { Match } from 'aws-cdk-lib/assertions';

/** Every source that a stage can have. */
export const allSources = { sources: 'queue,topic,bus,schedule' };

/** Matches the ARN of a construct by the name that the stack gives it, in letters. */
export const arnOf = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(`^${id}[0-9A-F]{8}$`), 'Arn'] });

/** Matches a reference to it. */
export const refTo = (id: string) => ({ Ref: Match.stringLikeRegexp(`^${id}[0-9A-F]{8}$`) });
