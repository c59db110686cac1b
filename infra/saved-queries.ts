import { type ILogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Saves the queries of CloudWatch Logs Insights that infra/RUNBOOK.md names.
 * @param folder where the console shows them
 * @param logGroups the logs of the functions
 */
export function savedQueries(scope: Construct, folder: string, logGroups: ILogGroup[]): void {
  const query = (id: string, name: string, queryString: QueryString) =>
    new QueryDefinition(scope, id, { queryDefinitionName: `${folder}/${name}`, logGroups, queryString });
  query(
    'SlowestRequests',
    'slowest requests',
    new QueryString({
      fields: ['@timestamp', 'record.requestId', 'record.metrics.durationMs', 'record.metrics.initDurationMs', '@log'],
      filterStatements: ['type = "platform.report"'],
      sort: 'record.metrics.durationMs desc',
      limit: 50,
    }),
  );
  query(
    'ErrorsByType',
    'errors by type',
    new QueryString({
      // A timeout, an exit and a lack of memory leave no line of the function's own, only Lambda's report.
      filterStatements: [
        'level in ["ERROR", "FATAL"] or record.status = "timeout" or record.errorType like /^Runtime\\./',
      ],
      statsStatements: [
        'count(*) as errors by coalesce(message.errorType, record.errorType, record.status, "no type") as errorType, @log',
      ],
      sort: 'errors desc',
    }),
  );
  query(
    'ColdStarts',
    'cold starts',
    new QueryString({
      filterStatements: ['type = "platform.report"', 'ispresent(record.metrics.initDurationMs)'],
      statsStatements: [
        'count(*) as coldStarts, avg(record.metrics.initDurationMs) as averageMs, max(record.metrics.initDurationMs) as longestMs by bin(5m)',
      ],
    }),
  );
}
