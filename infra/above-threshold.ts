import { type AlarmProps, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';

/** Of an alarm that fires above its threshold. Missing data is no alarm: without traffic there are no metrics. */
export const aboveThreshold = {
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} satisfies Partial<AlarmProps>;
