import type { HttpRouteIntegrationBindOptions } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration, type HttpLambdaIntegrationProps } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack } from 'aws-cdk-lib/core';

interface RouteIntegrationProps extends HttpLambdaIntegrationProps {
  /** The route's method, in capitals. */
  method: string;
}

/**
 * A Lambda integration that permits exactly one stage, method and path to invoke the function. The CDK's own permits
 * every stage and every method of the path.
 */
export class RouteIntegration extends HttpLambdaIntegration {
  private readonly lambda: IFunction;
  private readonly method: string;

  constructor(id: string, lambda: IFunction, { method, ...props }: RouteIntegrationProps) {
    super(id, lambda, props);
    this.lambda = lambda;
    this.method = method;
  }

  protected override completeBind({ scope, route }: HttpRouteIntegrationBindOptions): void {
    this.lambda.addPermission('Invoke', {
      scope,
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(route).formatArn({
        service: 'execute-api',
        resource: route.httpApi.apiId,
        resourceName: `$default/${this.method}${route.path}`,
      }),
    });
  }
}
