/** The operations of SQS that change nothing which the template determines. */
export const sqsOperations = [
  'ChangeMessageVisibility',
  'ChangeMessageVisibilityBatch',
  'DeleteMessage',
  'DeleteMessageBatch',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
  'SendMessageBatch',
];

/** Those of SNS. */
export const snsOperations = [
  'GetTopicAttributes',
  'ListSubscriptionsByTopic',
  'ListTopics',
  'Publish',
  'PublishBatch',
];
