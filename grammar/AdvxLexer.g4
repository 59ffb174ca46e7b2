// Tokens of .advx. Keywords are soft: rule `id` of the parser admits most of
// them as names, so a page may call a parameter `start` or a weight `head`.
lexer grammar AdvxLexer;

// Declarations
IMPORT      : 'import' ;
FN          : 'fn' ;
HEAD        : 'head' ;
NETWORK     : 'network' ;
SOLVER      : 'solver' ;
OPTIMIZER   : 'optimizer' ;
ATTACK      : 'attack' ;
SET         : 'set' ;
START       : 'start' ;
DATASET     : 'dataset' ;
AUGMENTATION : 'augmentation' ;
EXPERIMENT  : 'experiment' ;

// Items of an experiment
DATA        : 'data' ;
FEATURES    : 'features' ;
THREAT      : 'threat' ;
INNER       : 'inner' ;
OUTER       : 'outer' ;
EVALUATE    : 'evaluate' ;
KEEP        : 'keep' ;
SWEEP       : 'sweep' ;

// Statements
LET         : 'let' ;
VAR         : 'var' ;
REPEAT      : 'repeat' ;
STOP        : 'stop' ;
RETURN      : 'return' ;
STATE       : 'state' ;
DRAW        : 'draw' ;
LAYER       : 'layer' ;
PARAM       : 'param' ;
LOGITS      : 'logits' ;
FORWARD     : 'forward' ;
MAXIMIZE    : 'maximize' ;
MINIMIZE    : 'minimize' ;

// Words inside them
ALSO        : 'also' ;
AS          : 'as' ;
AT          : 'at' ;
BATCH       : 'batch' ;
BEST        : 'best' ;
EACH        : 'each' ;
END         : 'end' ;
EPOCHS      : 'epochs' ;
EVERY       : 'every' ;
FROM        : 'from' ;
FROZEN      : 'frozen' ;
GIVEN       : 'given' ;
LIKE        : 'like' ;
ON          : 'on' ;
OVER        : 'over' ;
PER         : 'per' ;
RENAME      : 'rename' ;
TIMES       : 'times' ;
WHEN        : 'when' ;
WITH        : 'with' ;
WORST       : 'worst' ;

// Words that stay reserved, since an expression may end before or begin with them
AND         : 'and' ;
ARGMAX      : 'argmax' ;
BY          : 'by' ;
ELSE        : 'else' ;
EXCEPT      : 'except' ;
FALSE       : 'false' ;
FOR         : 'for' ;
FRESH       : 'fresh' ;
IF          : 'if' ;
IN          : 'in' | '\u2208' ;
MOD         : 'mod' ;
NOT         : 'not' ;
OF          : 'of' ;
OR          : 'or' ;
THEN        : 'then' ;
TRUE        : 'true' ;
UNTIL       : 'until' ;
WHERE       : 'where' ;

// Punctuation
LPAREN : '(' ;  RPAREN : ')' ;
LBRACK : '[' ;  RBRACK : ']' ;
LBRACE : '{' ;  RBRACE : '}' ;
ASSIGN : ':=' ;
EQEQ   : '==' ;
NE     : '!=' | '\u2260' ;
LE     : '<=' | '\u2264' ;
GE     : '>=' | '\u2265' ;
COMPOSE : '>>' ;
LT     : '<' ;
GT     : '>' ;
EQ     : '=' ;
COLON  : ':' ;
COMMA  : ',' ;
POWER  : '**' ;
STAR   : '*' | '\u00B7' ;
SLASH  : '/' ;
PLUS   : '+' ;
MINUS  : '-' ;
MATMUL : '@' ;
AMP    : '&' | '\u2229' ;
BAR    : '|' ;
TILDE  : '~' ;
RANGE  : '..' ;
DOT    : '.' ;

// Letters of any script, so that a page may write the paper's symbols; a prime ends a name.
NAME   : [\p{L}_] [\p{L}\p{M}\p{Nd}_]* [\u0027\u2032]* ;
NUMBER : [0-9]+ ( '.' [0-9]+ )? ( [eE] [-+]? [0-9]+ )? ;
STRING : '"' ~["\r\n]* '"' ;

DOC     : '///' ~[\r\n]* -> channel(2) ;
COMMENT : '//' ~[\r\n]* -> channel(HIDDEN) ;
WS      : [ \t\r\n\uFEFF]+ -> channel(HIDDEN) ;

// What no rule above takes becomes a token, so that one place words the answer.
OPEN_STRING : '"' ~["\r\n]* ;
STRAY       : . ;
