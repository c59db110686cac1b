import ts from 'typescript';

/** One small change to a source file, which a test should notice. */
export interface Mutant {
  /** Relative to the project. */
  file: string;
  /** From 1. */
  line: number;
  /** Offsets of the replaced text. */
  start: number;
  end: number;
  was: string;
  becomes: string;
}

const { SyntaxKind } = ts;

/** What each operator becomes. */
const operators = new Map<ts.SyntaxKind, string>([
  [SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [SyntaxKind.LessThanToken, '<='],
  [SyntaxKind.LessThanEqualsToken, '<'],
  [SyntaxKind.GreaterThanToken, '>='],
  [SyntaxKind.GreaterThanEqualsToken, '>'],
  [SyntaxKind.AmpersandAmpersandToken, '||'],
  [SyntaxKind.BarBarToken, '&&'],
  [SyntaxKind.QuestionQuestionToken, '&&'],
  [SyntaxKind.PlusToken, '-'],
  [SyntaxKind.MinusToken, '+'],
  [SyntaxKind.AsteriskToken, '/'],
  [SyntaxKind.AsteriskAsteriskToken, '*'],
  [SyntaxKind.SlashToken, '*'],
  [SyntaxKind.PercentToken, '*'],
  [SyntaxKind.PlusEqualsToken, '-='],
]);

/** Returns every mutant of a TypeScript source that still parses. Types, imports and comments stay as they are. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const mutants: Mutant[] = [];

  const replace = (node: ts.Node, becomes: string) => {
    const start = node.getStart(source);
    const was = text.slice(start, node.end);
    if (was === becomes) return;
    const { line } = source.getLineAndCharacterOfPosition(start);
    const mutant = { file, line: line + 1, start, end: node.end, was, becomes };
    if (parses(mutated(text, mutant))) mutants.push(mutant);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node) || (ts.isExportDeclaration(node) && node.moduleSpecifier)) return;
    for (const becomes of replacementsOf(node)) replace(node, becomes);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
}

/** Returns a source with one mutant in it. */
export function mutated(text: string, { start, end, becomes }: Pick<Mutant, 'start' | 'end' | 'becomes'>): string {
  return text.slice(0, start) + becomes + text.slice(end);
}

function replacementsOf(node: ts.Node): string[] {
  const { parent } = node;
  if (isCondition(node)) return ['true', 'false'];
  const operator = parent && ts.isBinaryExpression(parent) && parent.operatorToken === node && operators.get(node.kind);
  if (operator) return [operator];
  if (node.kind === SyntaxKind.TrueKeyword) return ['false'];
  if (node.kind === SyntaxKind.FalseKeyword) return ['true'];
  if (ts.isNumericLiteral(node)) return [`(${node.getText()} + 1)`];
  if (ts.isRegularExpressionLiteral(node)) return ['/(?!)/', '/(?:)/'];
  if (ts.isStringLiteral(node) && !ts.isPropertyName(parent) && !isName(node)) return [node.text ? "''" : "'mutant'"];
  if (ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node)) return ['``'];
  if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)
    return [node.operand.getText()];
  if (ts.isPostfixUnaryExpression(node)) return [`${node.operand.getText()}--`];
  if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) return [';'];
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) return ['[]'];
  if (ts.isReturnStatement(node) && node.expression && node.expression.getText() !== 'undefined') return ['return;'];
  return [];
}

function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (!parent) return false;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) && parent.condition === node;
}

/** Whether a string is the name of a member, such as `'content-type'` in `{ 'content-type': type }`. */
function isName(node: ts.StringLiteral): boolean {
  const { parent } = node;
  return (ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) && parent.initializer !== node;
}

function parses(text: string): boolean {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  });
  return diagnostics.length === 0;
}
