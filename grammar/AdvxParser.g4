// Rules of .advx, without actions. The tree is turned into compiler/syntax/AST.h
// by AstBuilder.cpp; what a rule admits beyond the language (statements in the
// wrong body, a missing header) is refused there, with a better message than a
// parser can give.
parser grammar AdvxParser;
options { tokenVocab = AdvxLexer; }

file : topLevel* EOF ;

topLevel
  : importDecl | fnDecl | headDecl | networkDecl | solverDecl | optimizerDecl
  | attackDecl | setDecl | startDecl | datasetDecl | augmentationDecl | experiment
  ;

// --- Declarations ----------------------------------------------------------

importDecl : IMPORT ( STRING | id ( DOT id )* ( DOT LBRACE id ( COMMA id )* RBRACE )? ) ;

params : LPAREN ( formal ( COMMA formal )* )? RPAREN ;
formal : id COLON type ( IN range )? ( EQ expr )? ;
type   : id ( LBRACK expr ( COMMA expr )* RBRACK )? ( LPAREN ( expr ( COMMA expr )* )? RPAREN )? ;

fnDecl        : FN id params COLON type ( EQ expr | block ) ;
headDecl      : HEAD id params LBRACE headLine* RBRACE ;
headLine      : logits | stmt ;
logits        : LOGITS ( GIVEN id )? EQ expr ;
networkDecl   : NETWORK id params LBRACE networkLine* RBRACE ;
networkLine   : forward | stmt ;
forward       : FORWARD LPAREN id RPAREN EQ expr ;
solverDecl    : SOLVER id params LBRACE maximize? stmt* RBRACE ;
maximize      : MAXIMIZE id OVER id ( COLON setNames )? FROM id ( UNTIL id )? ;
setNames      : id ( COMMA id )* ;
optimizerDecl : OPTIMIZER id params LBRACE minimize? stmt* RBRACE ;
minimize      : MINIMIZE id AT id ;
attackDecl    : ATTACK id params EQ expr ;
setDecl       : SET id params LBRACE member* RBRACE ;
member        : id ( LPAREN id ( COMMA id )* RPAREN )? beside? ( EQ expr | block ) ;
beside        : AMP id LPAREN ( id ( COMMA id )* )? RPAREN ;
startDecl     : START id params OVER id FROM id ( EQ expr | block ) ;
datasetDecl   : DATASET id params LBRACE field* RBRACE ;
field         : id EQ expr ;
augmentationDecl : AUGMENTATION id params OF id ( COMMA id )? block ;

// --- Statements ------------------------------------------------------------

block : LBRACE stmt* RBRACE ;

stmt
  : letStmt
  | varStmt
  | assignStmt
  | ifStmt
  | repeatStmt
  | stopStmt
  | returnStmt
  | stateStmt
  | drawStmt
  | layerStmt
  | paramStmt
  ;

letStmt    : LET pattern EQ expr ;
varStmt    : VAR id EQ expr ;
assignStmt : target ASSIGN expr ;
ifStmt     : IF expr block ( ELSE ( ifStmt | block ) )? ;
repeatStmt : REPEAT expr ( AS id )? block ;
stopStmt   : STOP WHEN expr ;
returnStmt : RETURN expr ;
stateStmt  : STATE id COLON type ( PER id )? EQ expr ;
drawStmt   : DRAW id TILDE expr ( LIKE expr )? ( PER id )? ;
layerStmt  : LAYER id ( LBRACK id IN expr RBRACK )? EQ expr ;
paramStmt  : PARAM id COLON type ( EQ range )? ( IN range )? ;

target  : id ( LBRACK expr ( COMMA expr )* RBRACK )? ;
pattern : id | LPAREN id ( COMMA id )+ RPAREN ;

// --- Experiments -----------------------------------------------------------

experiment : EXPERIMENT id LBRACE item* RBRACE ;

item
  : letStmt
  | dataItem
  | featuresItem
  | headItem
  | threatItem
  | stateStmt
  | drawStmt
  | innerItem
  | outerItem
  | evaluateItem
  | keepItem
  | stopItem
  | sweepItem
  ;

dataItem     : DATA call ( LBRACE setting ( COMMA? setting )* RBRACE )? ;
setting      : id EQ expr ;
featuresItem : FEATURES id EQ expr source? ;
headItem     : HEAD id EQ expr source? ;
source       : FROM STRING ( RENAME map )? FROZEN? ;
threatItem   : THREAT id ( LPAREN id ( COMMA id )* RPAREN )? EQ expr ;
innerItem    : INNER id ( COMMA id )* EQ expr ;
outerItem    : OUTER MINIMIZE expr BY call FOR expr EPOCHS ( COMMA EACH BATCH expr TIMES )? update* ;
update       : ( ALSO | THEN ) target ASSIGN expr ;
evaluateItem
  : EVALUATE ( EVERY expr EPOCHS | AT END )? ON expr ( OVER expr )? ( WITH expr )? ( AS id )?
    LBRACE evalItem* RBRACE
  ;
evalItem     : ( id EQ )? evalValue | id ;
evalValue    : adversary | IF expr THEN evalValue ELSE evalValue | call ;
keepItem     : KEEP BEST LPAREN expr RPAREN ;
stopItem     : STOP WHEN expr ( KEEP id )? ;
sweepItem    : SWEEP sweepAxis ( COMMA sweepAxis )* ;
sweepAxis    : id ( DOT id )* IN range ;

// --- Expressions, loosest first ---------------------------------------------

expr      : IF expr THEN expr ELSE expr | adversary | where ;

adversary : argmax | best | worst ;
argmax    : ARGMAX expr ( OVER expr )? BY ( call | id ) ( UNTIL guard )? ( IN id )? ;
best      : BEST pattern IN expr OF expr ( BY expr )? ;
worst     : WORST LBRACE evalItem* RBRACE ;

where       : disjunction ( WHERE disjunction )* ;
disjunction : conjunction ( OR conjunction )* ;
conjunction : negation ( AND negation )* ;
negation    : NOT negation | comparison ;
comparison  : exclusion ( ( EQEQ | NE | LT | LE | GT | GE | IN ) exclusion )? ;

// The same without a bare `in`: after `until P`, `in` gives the mode.
guard            : guardConjunction ( OR guardConjunction )* ;
guardConjunction : guardNegation ( AND guardNegation )* ;
guardNegation    : NOT guardNegation | guardComparison ;
guardComparison  : exclusion ( ( EQEQ | NE | LT | LE | GT | GE ) exclusion )? ;

exclusion    : range ( EXCEPT range )* ;
range        : intersection ( RANGE intersection )? ;
intersection : sum ( AMP sum )* ;
sum          : product ( ( PLUS | MINUS ) product )* ;
product      : unary ( ( STAR | SLASH | MATMUL | COMPOSE | MOD ) unary )* ;
unary        : MINUS unary | power ;
power        : application ( POWER unary )? ;
application  : FRESH? primary suffix* ;

suffix
  : LPAREN ( arg ( COMMA arg )* )? RPAREN   # callSuffix
  | LBRACK expr ( COMMA expr )* RBRACK      # indexSuffix
  | DOT id                                  # memberSuffix
  ;
call : id LPAREN ( arg ( COMMA arg )* )? RPAREN ;
arg  : id EQ expr | expr ( COLON expr | BAR expr )? ;

primary
  : id
  | NUMBER
  | STRING
  | TRUE
  | FALSE
  | LPAREN expr RPAREN
  | list
  | map
  ;
list  : LBRACK ( entry ( COMMA entry )* )? RBRACK ;
entry : expr ( COLON expr )? ;
map   : LBRACE mapEntry ( COMMA mapEntry )* RBRACE ;
mapEntry : expr ( COLON | EQ ) expr ;

// Every word that can also be a name.
id
  : NAME
  | IMPORT | FN | HEAD | NETWORK | SOLVER | OPTIMIZER | ATTACK | SET | START | DATASET
  | AUGMENTATION | EXPERIMENT
  | DATA | FEATURES | THREAT | INNER | OUTER | EVALUATE | KEEP | SWEEP
  | STATE | LAYER | PARAM | LOGITS | FORWARD | MAXIMIZE | MINIMIZE | STOP | DRAW
  | ALSO | AS | AT | BATCH | BEST | EACH | END | EPOCHS | EVERY | FROM | FROZEN | GIVEN | LIKE | ON
  | OVER | PER | RENAME | TIMES | WHEN | WITH | WORST
  ;
