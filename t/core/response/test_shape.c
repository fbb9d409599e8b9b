
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what becomes of users of a backend that keeps things elsewhere (M7):
 * under another name of the id, inside objects, in arrays of one.  Each body is
 * rewritten in pieces of every size, and what comes out once more.
 */


#include "response/mapping_test.h"


/* arrays around what is dropped */
#define DEEP  5000

#define TAIL  "'app_metadata':{},'user_metadata':{}}"


static const mapping_t  cases[] = {

    /* M7.2 */

    { "M7.2 a user is what has the id",
      "user id; identity id;",
      "{'id':1,'a':2}",
      "{'id':1,'app_metadata':{'a':2},'user_metadata':{}}" },

    { "M7.2 the names are identity without being said",
      "user uid login;",
      "{'login':'x','uid':'y','a':2}",
      "{'login':'x','uid':'y','app_metadata':{'a':2},'user_metadata':{}}" },

    { "M7.2 user_id and identities make no user then",
      "user id; provider p;",
      "{'user_id':'p|1','identities':[],'a':2}",
      "{'user_id':'p|1','identities':[],'a':2}" },

    { "M7.2 users in a list",
      "user id; drop s;",
      "[{'id':1,'s':2},{'user_id':1,'s':2},{'s':3,'id':2}]",
      "[{'id':1," TAIL ",{'user_id':1,'s':2},{'id':2," TAIL "]" },

    { "M7.2 an object or an array as the id",
      "user id;",
      "[{'id':{},'a':1},{'id':[1],'a':1}]",
      "[{'id':{},'app_metadata':{'a':1},'user_metadata':{}},"
      "{'id':[1],'app_metadata':{'a':1},'user_metadata':{}}]" },

    { "M7.2 a name with escapes",
      "user id; drop s;",
      "{'\\u0069d':'x','s':1}",
      "{'\\u0069d':'x'," TAIL },

    /* M7.3 */

    { "M7.3 a number becomes a string",
      "user id; rename id user_id;",
      "{'id':17,'a':1}",
      "{'user_id':'17','app_metadata':{'a':1},'user_metadata':{}}" },

    { "M7.3 digits stay",
      "user id; rename id user_id;",
      "[{'id':900719925474099312345},{'id':-5},{'id':0},{'id':-0}]",
      "[{'user_id':'900719925474099312345'," TAIL ",{'user_id':'-5'," TAIL
      ",{'user_id':'0'," TAIL ",{'user_id':'-0'," TAIL "]" },

    { "M7.3 a string stays",
      "user id; rename id user_id;",
      "{'id':'\\u0061|1','a':1}",
      "{'user_id':'\\u0061|1','app_metadata':{'a':1},'user_metadata':{}}" },

    { "M7.3 what is no integer is no id",
      "user id; rename id user_id;",
      "[{'id':1.5},{'id':1e3},{'id':1E3},{'id':true},{'id':null},{'id':{}}]",
      "[{'user_id':1.5," TAIL ",{'user_id':1e3," TAIL ",{'user_id':1E3," TAIL
      ",{'user_id':true," TAIL ",{'user_id':null," TAIL ",{'user_id':{},"
      TAIL "]" },

    { "M7.3 a user_id that is there wins",
      "user id; rename id user_id;",
      "{'id':17,'user_id':'x'}",
      "{'user_id':'x'," TAIL },

    { "M7.3 tokens of identities under either name",
      "user id; rename id user_id; rename logins identities;"
      "identity_drop token;",
      "{'id':1,'logins':[{'p':'x','token':'S'}]}",
      "{'user_id':'1','identities':[{'p':'x'}]," TAIL },

    { "M7.3 a user_id that is there is a string, too",
      "user id; rename id user_id;",
      "{'id':17,'user_id':18}",
      "{'user_id':'18'," TAIL },

    { "M7.3 tokens of what can be read as the other name",
      "user id; rename id user_id; rename log_ins identities;"
      "identity_drop token;",
      "{'id':1,'LogIns':[{'p':'x','token':'S'}]}",
      "{'user_id':'1','app_metadata':{'LogIns':[{'p':'x'}]},"
      "'user_metadata':{}}" },

    /* M7.4 */

    { "M7.4 an id without a bar leads nowhere",
      "user id; provider_from user_id p; provider q a;",
      "[{'id':'1','p':'q','a':1},{'id':'','p':'q','a':1},"
      "{'id':'|','p':'q','a':1}]",
      "[{'id':'1','p':'q','a':1," TAIL ",{'id':'','p':'q','a':1," TAIL
      ",{'id':'|','p':'q','app_metadata':{'a':1},'user_metadata':{}}]" },

    { "M7.4 the provider stands at the root",
      "user id; provider_from provider; provider p a; provider q b;",
      "[{'id':1,'provider':'p','a':1,'b':2},{'provider':'q','id':1,'a':1}]",
      "[{'id':1,'provider':'p','a':1,'app_metadata':{'b':2},"
      "'user_metadata':{}},{'provider':'q','id':1,'app_metadata':{'a':1},"
      "'user_metadata':{}}]" },

    { "M7.4 in an object",
      "user id; provider_from auth.via; identity auth; provider p a;",
      "{'id':1,'auth':{'via':'q','v\\u0069a':'p'},'a':1}",
      "{'id':1,'auth':{'via':'q','v\\u0069a':'p'},'a':1," TAIL },

    { "M7.4 in the first element of an array",
      "user id; provider_from logins.0.via; provider p a;",
      "[{'id':1,'logins':[{'via':'p'},{'via':'q'}],'a':1},"
      "{'id':2,'logins':[],'a':1},{'id':3,'logins':{'0':{'via':'p'}},'a':1}]",
      "[{'id':1,'logins':[{'via':'p'},{'via':'q'}],'a':1," TAIL
      ",{'id':2,'logins':[],'app_metadata':{'a':1},'user_metadata':{}},"
      "{'id':3,'logins':{'0':{'via':'p'}},'a':1," TAIL "]" },

    { "M7.4 the first that is there",
      "user id; provider_from x user_id y; provider p a; provider q b;"
      "provider r c; identity id; rename uid user_id;",
      "[{'id':'q|1','x':'p','a':1},{'id':'q|1','b':1},"
      "{'id':'q|1','y':'r','b':1,'c':1}]",
      "[{'id':'q|1','x':'p','a':1," TAIL ",{'id':'q|1','b':1," TAIL
      ",{'id':'q|1','y':'r','b':1,'app_metadata':{'c':1},"
      "'user_metadata':{}}]" },

    { "M7.4 a number, or what is none",
      "user id; provider_from p; provider 7 a;",
      "[{'id':1,'p':7,'a':1},{'id':1,'p':7.0,'a':1},{'id':1,'p':null,'a':1},"
      "{'id':1,'p':['7'],'a':1}]",
      "[{'id':1,'p':7,'a':1," TAIL
      ",{'id':1,'p':7.0,'app_metadata':{'a':1},'user_metadata':{}}"
      ",{'id':1,'p':null,'app_metadata':{'a':1},'user_metadata':{}}"
      ",{'id':1,'p':['7'],'app_metadata':{'a':1},'user_metadata':{}}]" },

    /* M7.5 */

    { "M7.5 inside an object",
      "identity p; drop p.s;",
      "{'user_id':'a|1','p':{'x':1,'s':2,'y':{'s':3}}}",
      "{'user_id':'a|1','p':{'x':1,'y':{'s':3}}," TAIL },

    { "M7.5 four names deep, with white space",
      "identity a; drop a.b.c.d;",
      "{'user_id':'x|1','a': { 'b' : {'c':{'d':1, 'e':2}} , 'f':[ 1 ] } }",
      "{'user_id':'x|1','a':{'b':{'c':{'e':2}},'f':[ 1 ]}," TAIL },

    { "M7.5 what becomes empty stays",
      "identity p; drop p.s;",
      "{'user_id':'a|1','p':{'s':2}}",
      "{'user_id':'a|1','p':{}," TAIL },

    { "M7.5 in each element of an array",
      "identity p; drop p.s;",
      "{'user_id':'a|1','p':[{'s':1,'x':2}, 3,[{'s':4}],{'x':{'s':5}}]}",
      "{'user_id':'a|1','p':[{'x':2},3,[{}],{'x':{'s':5}}]," TAIL },

    { "M7.5 a name with a dot",
      "identity p; drop p.a\\.b p\\.x;",
      "{'user_id':'a|1','p':{'a.b':1,'a':{'b':2}},'p.x':3}",
      "{'user_id':'a|1','p':{'a':{'b':2}}," TAIL },

    { "M7.5 inside metadata, wherever that goes",
      "drop app_metadata.s settings.s;",
      "{'user_id':'a|1','app_metadata':{'s':1,'t':2},'settings':{'s':3}}",
      "{'user_id':'a|1','app_metadata':{'t':2,'settings':{}},"
      "'user_metadata':{}}" },

    { "M7.5 inside a container that is an empty array",
      "drop app_metadata.s s.t; lift user_metadata.u;"
      "merge s into app_metadata;"
      "unwrap app_metadata.*;",
      "[{'user_id':'a|1','app_metadata':[],'user_metadata':[ ],'s':[]},"
      "{'user_id':'a|1','s':[],'app_metadata':[ ]}]",
      "[{'user_id':'a|1'," TAIL ",{'user_id':'a|1'," TAIL "]" },

    { "M7.5 each of two values for one name",
      "identity p; drop p.s;",
      "{'user_id':'a|1','p':{'s':1,'x':2,'\\u0073':3}}",
      "{'user_id':'a|1','p':{'x':2}," TAIL },

    { "M7.5 in what is no object",
      "identity p; drop p.s;",
      "[{'user_id':'a|1','p':1},{'user_id':'a|1','p':'s'},"
      "{'user_id':'a|1','p':null}]",
      "[{'user_id':'a|1','p':1," TAIL ",{'user_id':'a|1','p':'s'," TAIL
      ",{'user_id':'a|1','p':null," TAIL "]" },

    { "M7.5 the last of two parents",
      "identity p; drop p.s;",
      "{'user_id':'a|1','p':{'s':1,'x':1},'p':{'s':2,'x':2}}",
      "{'user_id':'a|1','p':{'x':2}," TAIL },

    /* M7.6 */

    { "M7.6 to the root, by its own name",
      "lift profile.first profile.last; identity first; drop last;",
      "{'user_id':'a|1','profile':{'first':'Jo','last':'Li'},'b':1}",
      "{'user_id':'a|1','first':'Jo','app_metadata':{'b':1},"
      "'user_metadata':{}}" },

    { "M7.6 what is left is classed by the parent's name",
      "lift p.x; identity x; user_metadata p;",
      "{'user_id':'a|1','p':{'x':1,'y':{'z': 2}}}",
      "{'user_id':'a|1','x':1,'app_metadata':{},"
      "'user_metadata':{'p':{'y':{'z': 2}}}}" },

    { "M7.6 a parent that was empty stays",
      "lift p.x; identity x p;",
      "{'user_id':'a|1','p':{}}",
      "{'user_id':'a|1','p':{}," TAIL },

    { "M7.6 an attribute of the root wins",
      "lift p.x; identity x;",
      "[{'user_id':'a|1','x':1,'p':{'x':2}},{'user_id':'a|1','p':{'x':2},"
      "'x':1}]",
      "[{'user_id':'a|1','x':1," TAIL ",{'user_id':'a|1','x':1," TAIL "]" },

    { "M7.6 the last of two values",
      "lift p.x; identity x;",
      "{'user_id':'a|1','p':{'x':1,'\\u0078':2}}",
      "{'user_id':'a|1','\\u0078':2," TAIL },

    { "M7.6 from deep, and past one that is dropped",
      "lift a.b.c; identity c; drop a.s;",
      "{'user_id':'a|1','a':{'s':0,'b':{'c':{'d':1}}}}",
      "{'user_id':'a|1','c':{'d':1}," TAIL },

    { "M7.6 a lifted name that is renamed",
      "lift p.x; rename x y;",
      "{'user_id':'a|1','p':{'x':1}}",
      "{'user_id':'a|1','y':1," TAIL },

    { "M7.6 a lifted name that the provider sends",
      "provider a x; lift p.x p.y;",
      "{'user_id':'a|1','p':{'x':1,'y':2}}",
      "{'user_id':'a|1','x':1,'app_metadata':{'y':2},'user_metadata':{}}" },

    { "M7.6 not out of an array",
      "lift p.x; identity p x;",
      "{'user_id':'a|1','p':[{'x':1}]}",
      "{'user_id':'a|1','p':[{'x':1}]," TAIL },

    { "M7.6 tokens go at every depth",
      "lift p.x; identity x p; identity_drop token;",
      "{'user_id':'a|1','p':{'x':{'y':[{'token':1,'z':2}]},'token':3,"
      "'q':{'Token':4}}}",
      "{'user_id':'a|1','p':{'q':{}},'x':{'y':[{'z':2}]}," TAIL },

    { "M7.6 tokens go whether something is lifted or not",
      "lift p.x; identity p; identity_drop token;",
      "[{'user_id':'a|1','p':{'q':{'token':1}}},"
      "{'user_id':'a|1','p':[{'q':[{'token':1}]}]}]",
      "[{'user_id':'a|1','p':{'q':{}}," TAIL
      ",{'user_id':'a|1','p':[{'q':[{}]}]," TAIL "]" },

    { "M7.6 tokens go from a container",
      "lift app_metadata.a.x; identity x; identity_drop token;",
      "{'user_id':'a|1','app_metadata':{'a':{'x':1,'y':{'token':1}},"
      "'b':{'token':1},'token':1}}",
      "{'user_id':'a|1','x':1,'app_metadata':{'a':{'y':{}},'b':{}},"
      "'user_metadata':{}}" },

    { "M7.6 something is dropped in what is lifted",
      "lift p.x; drop p.x.s; identity p x;",
      "{'user_id':'a|1','p':{'a':1,'x':{'s':1,'t':2},'b':2}}",
      "{'user_id':'a|1','p':{'a':1,'b':2},'x':{'t':2}," TAIL },

    { "M7.6 something is merged out of what is lifted",
      "lift p.x; merge p.x.m into app_metadata; identity p x;",
      "[{'user_id':'a|1','p':{'a':1,'x':{'m':{'n':3},'t':2},'b':2}},"
      "{'user_id':'a|2','p':{'a':1,'x':{'m':{'n':3}},'b':2}}]",
      "[{'user_id':'a|1','p':{'a':1,'b':2},'x':{'t':2},"
      "'app_metadata':{'n':3},'user_metadata':{}},"
      "{'user_id':'a|2','p':{'a':1,'b':2},"
      "'app_metadata':{'n':3},'user_metadata':{}}]" },

    { "M7.6 something is merged out of what is not lifted",
      "lift p.x; merge p.x.m into app_metadata; identity p x;",
      "{'user_id':'a|1','x':1,'p':{'x':{'m':{'n':3},'t':2},'b':2}}",
      "{'user_id':'a|1','x':1,'p':{'b':2},'app_metadata':{'n':3},"
      "'user_metadata':{}}" },

    { "M7.6 out of a container",
      "lift app_metadata.x; identity x;",
      "{'user_id':'a|1','app_metadata':{'x':1,'y':2}}",
      "{'user_id':'a|1','x':1,'app_metadata':{'y':2},'user_metadata':{}}" },

    /* M7.7 */

    { "M7.7 into both containers",
      "merge settings into app_metadata; merge prefs into user_metadata;",
      "{'user_id':'a|1','settings':{'a':1},'prefs':{'b':2},'c':3}",
      "{'user_id':'a|1','app_metadata':{'c':3,'a':1},"
      "'user_metadata':{'b':2}}" },

    { "M7.7 metadata is an attribute then",
      "merge settings into app_metadata;",
      "{'user_id':'a|1','metadata':{'a':1},'settings':{'b':2}}",
      "{'user_id':'a|1','app_metadata':{'metadata':{'a':1},'b':2},"
      "'user_metadata':{}}" },

    { "M7.7 unless it is said",
      "merge settings metadata into user_metadata;",
      "{'user_id':'a|1','metadata':{'a':1,'c':3},'settings':{'b':2,'c':4}}",
      "{'user_id':'a|1','app_metadata':{},"
      "'user_metadata':{'b':2,'c':3,'a':1}}" },

    { "M7.7 the root and the container go before",
      "merge s into app_metadata;",
      "{'user_id':'a|1','s':{'a':1,'b':1,'c':1},'app_metadata':{'b':2},"
      "'c':3}",
      "{'user_id':'a|1','app_metadata':{'b':2,'c':3,'a':1},"
      "'user_metadata':{}}" },

    { "M7.7 what v2 writes goes before all",
      "merge s into app_metadata write; merge d.t into user_metadata write;"
      "metadata_prefix app_metadata am_; user_metadata e; identity d;",
      "{'user_id':'a|1','a':0,'am_b':0,'s':{'a':1,'b':1,'c':1},"
      "'app_metadata':{'c':0},'d':{'t':{'e':1,'f':2}},'e':0}",
      "{'user_id':'a|1','app_metadata':{'c':1,'a':1,'b':1},"
      "'user_metadata':{'e':1,'f':2}}" },

    { "M7.7 from inside an object",
      "merge data.prefs into user_metadata; identity data;",
      "{'user_id':'a|1','data':{'prefs':{'a':1,'\\u0062':2},'x':3}}",
      "{'user_id':'a|1','data':{'x':3},'app_metadata':{},"
      "'user_metadata':{'a':1,'\\u0062':2}}" },

    { "M7.7 a merge inside a merge",
      "merge s into app_metadata; merge s.ui into user_metadata;",
      "{'user_id':'a|1','s':{'a':1,'ui':{'b':2}}}",
      "{'user_id':'a|1','app_metadata':{'a':1},'user_metadata':{'b':2}}" },

    { "M7.7 three merges, two of them inside, and roots between",
      "merge s.a into app_metadata; merge s into user_metadata;"
      "merge t.u.v into user_metadata; identity t;",
      "{'user_id':'a|1','x':0,'s':{'a':{'k':1},'b':2},'y':0,"
      "'t':{'u':{'v':{'b':3,'c':4}}},'z':0}",
      "{'user_id':'a|1','app_metadata':{'x':0,'y':0,'z':0,'k':1},"
      "'user_metadata':{'b':3,'c':4}}" },

    { "M7.7 what is no object is not lost",
      "merge s d.t into user_metadata; identity d;",
      "[{'user_id':'a|1','s':5,'d':{'t':[1]}},"
      "{'user_id':'a|1','s':null,'d':{'t':null}},"
      "{'user_id':'a|1','s':[ ],'d':{'t':[]}}]",
      "[{'user_id':'a|1','app_metadata':{'s':5,'t':[1]},'user_metadata':{}},"
      "{'user_id':'a|1'," TAIL ",{'user_id':'a|1'," TAIL "]" },

    { "M7.7 M3.3 what is no object, next to others of its name",
      "merge d.p e.p into user_metadata; user_metadata d e;",
      "[{'user_id':'a|1','p':1,'d':{'p':'x'}},"
      "{'user_id':'a|1','d':{'p':'x','q':2},'p':1},"
      "{'user_id':'a|1','d':{'p':'x'},'e':{'p':[1]}}]",
      "[{'user_id':'a|1','app_metadata':{'p':'x'},'user_metadata':{}},"
      "{'user_id':'a|1','app_metadata':{'p':'x'},"
      "'user_metadata':{'d':{'q':2}}},"
      "{'user_id':'a|1','app_metadata':{'p':[1]},'user_metadata':{}}]" },

    { "M7.7 a member that is lifted or dropped before",
      "merge s into app_metadata; lift s.x; drop s.y; identity x;",
      "{'user_id':'a|1','s':{'x':1,'y':2,'z':3}}",
      "{'user_id':'a|1','x':1,'app_metadata':{'z':3},'user_metadata':{}}" },

    { "M7.7 tokens go at every depth",
      "merge s d.t into app_metadata; identity_drop token; identity d;",
      "{'user_id':'a|1','s':{'token':1,'a':{'token':2}},"
      "'d':{'t':{'token':3,'b':[{'token':4}]}}}",
      "{'user_id':'a|1','app_metadata':{'a':{},'b':[{}]},"
      "'user_metadata':{}}" },

    { "M7.7 tokens go from what is no object",
      "merge s d.t into app_metadata; identity_drop token; identity d;",
      "{'user_id':'a|1','s':[{'token':1}],'d':{'t':[{'token':3}]}}",
      "{'user_id':'a|1','app_metadata':{'s':[{}],'t':[{}]},"
      "'user_metadata':{}}" },

    { "M7.7 one inside another",
      "merge d.a into app_metadata; merge d.a.b into user_metadata;",
      "{'user_id':'a|1','d':{'a':{'x':1,'b':{'y':2},'z':3}}}",
      "{'user_id':'a|1','app_metadata':{'x':1,'z':3},"
      "'user_metadata':{'y':2}}" },

    { "M7.7 something is lifted out of it",
      "merge d.a into app_metadata; lift d.a.b; identity b;",
      "{'user_id':'a|1','d':{'a':{'x':1,'b':{'y':2},'z':3}}}",
      "{'user_id':'a|1','b':{'y':2},'app_metadata':{'x':1,'z':3},"
      "'user_metadata':{}}" },

    { "M7.7 what is dropped or unwrapped in what is no object",
      "merge d.a d.b d.c into app_metadata; drop d.a.s; unwrap d.b d.c;",
      "{'user_id':'a|1','d':{'a':[{'s':1,'t':2}],'b':['x'],'c':[null]}}",
      "{'user_id':'a|1','app_metadata':{'a':[{'t':2}],'b':'x'},"
      "'user_metadata':{}}" },

    { "M7.7 the last of two",
      "merge s into app_metadata;",
      "{'user_id':'a|1','s':{'a':1},'b':2,'s':{'c':3}}",
      "{'user_id':'a|1','app_metadata':{'b':2,'c':3},'user_metadata':{}}" },

    /* M7.8 */

    { "M7.8 an empty name, and nothing before it",
      "unwrap ~x?; default root;",
      "{'':['a'],'x':['b'],'y':['c'],'user_id':'a|1'}",
      "{'':'a','x':'b','y':['c'],'user_id':'a|1'," TAIL },

    { "M7.8 an array of one scalar",
      "identity a b; unwrap a b;",
      "[{'user_id':'a|1','a':['x'],'b':[ 1.50 ]},"
      "{'user_id':'a|1','a':[null],'b':[true]}]",
      "[{'user_id':'a|1','a':'x','b':1.50," TAIL
      ",{'user_id':'a|1','a':null,'b':true," TAIL "]" },

    { "M7.8 other arrays stay",
      "identity a b c d; unwrap a b c d;",
      "{'user_id':'a|1','a':[],'b':['x','y'],'c':[['x']],'d':[{}]}",
      "{'user_id':'a|1','a':[],'b':['x','y'],'c':[['x']],'d':[{}]," TAIL },

    { "M7.8 whatever stands in an object",
      "merge attributes into user_metadata; unwrap attributes.*;",
      "{'user_id':'a|1','attributes':{'dep':['x'],'tags':['a','b'],"
      "'n':[1 , 2],'o':{'p':['q']}}}",
      "{'user_id':'a|1','app_metadata':{},'user_metadata':{'dep':'x',"
      "'tags':['a','b'],'n':[1 , 2],'o':{'p':['q']}}}" },

    { "M7.8 in an object that stays",
      "identity p; unwrap p.*;",
      "{'user_id':'a|1','p':{'a': ['x'], 'b':{'c':['d']}}}",
      "{'user_id':'a|1','p':{'a':'x','b':{'c':['d']}}," TAIL },

    { "M7.8 by a pattern of the path",
      "identity p q; unwrap ~p\\..*_s;",
      "{'user_id':'a|1','p':{'a_s':['x'],'b':['y'],'c':{'d_s':['z']}},"
      "'q':['p._s']}",
      "{'user_id':'a|1','p':{'a_s':'x','b':['y'],'c':{'d_s':'z'}},"
      "'q':['p._s']," TAIL },

    { "M7.8 below a path of four names",
      "identity a; unwrap a.b.c.d.*;",
      "{'user_id':'a|1','a':{'b':{'c':{'d':{'e':['x'],'f':{'g':['y']}}}}}}",
      "{'user_id':'a|1','a':{'b':{'c':{'d':{'e':'x','f':{'g':['y']}}}}},"
      TAIL },

    { "M7.8 a pattern is asked for paths of up to four names",
      "identity a; unwrap ~.*;",
      "{'user_id':'x|1','a':{'b':{'c':{'d':['x'],'e':{'f':['y']}}}},"
      "'app_metadata':{'b':{'c':{'d':['x'],'e':{'f':['y']}}}}}",
      "{'user_id':'x|1','a':{'b':{'c':{'d':'x','e':{'f':['y']}}}},"
      "'app_metadata':{'b':{'c':{'d':'x','e':{'f':['y']}}}},"
      "'user_metadata':{}}" },

    { "M7.8 a pattern is asked for no name that is no text",
      "identity a; unwrap ~.*;",
      "{'user_id':'x|1','a':{'\\ud800':['x'],'\\ud800\\udc00':['y'],"
      "'\\ud7ff':['z']}}",
      "{'user_id':'x|1','a':{'\\ud800':['x'],'\\ud800\\udc00':'y',"
      "'\\ud7ff':'z'}," TAIL },

    { "M7.8 a container that is an array of a null is empty",
      "unwrap app_metadata;",
      "{'user_id':'x|1','app_metadata':[null]}",
      "{'user_id':'x|1'," TAIL },

    { "M7.8 before it is lifted and named",
      "lift attributes.name; unwrap attributes.*; rename name full;"
      "drop attributes.s; default user_metadata;",
      "{'user_id':'a|1','attributes':{'name':['Jo'],'s':['x'],'t':['y']}}",
      "{'user_id':'a|1','full':'Jo','app_metadata':{},"
      "'user_metadata':{'attributes':{'t':'y'}}}" },

    { "M7.8 the id and the provider",
      "user id; unwrap id p; rename id user_id; provider_from p.0;"
      "provider x a;",
      "{'id':[7],'p':['x'],'a':1}",
      "{'user_id':'7','p':'x','a':1," TAIL },

    /* M7.9 */

    { "M7.9 the name of a container in v2",
      "container user_metadata traits; user_metadata hobby;",
      "{'user_id':'a|1','hobby':1,'user_metadata':{'a':2},'b':3}",
      "{'user_id':'a|1','app_metadata':{'b':3},'traits':{'a':2,'hobby':1}}" },

    { "M7.9 both names are containers",
      "container app_metadata a\\b;",
      "{'user_id':'a|1','app_metadata':{'x':1,'y':1},"
      "'a\\\\b':{'y':2,'z':2}}",
      "{'user_id':'a|1','a\\\\b':{'x':1,'y':2,'z':2},"
      "'user_metadata':{}}" },
};


/* M6.2, M7.5 */

static void
test_deep(void **state)
{
    char              *p;
    char               user[2 * DEEP + 64], expected[2 * DEEP + 64];
    test_out_t         out;
    test_rewrite_t     t;
    profile_schema_t  *s;

    s = test_schema("identity p; drop p.s;");

    memset(&t, 0, sizeof(test_rewrite_t));
    memset(&out, 0, sizeof(test_out_t));

    t.schema = s;
    t.max_depth = DEEP + 2;

    p = user + sprintf(user, "{\"user_id\":1,\"p\":");
    memset(p, '[', DEEP);
    p += DEEP + sprintf(p + DEEP, "{\"s\":1}");
    memset(p, ']', DEEP);
    (void) strcpy(p + DEEP, "}");

    p = expected + sprintf(expected, "{\"user_id\":1,\"p\":");
    memset(p, '[', DEEP);
    p += DEEP + sprintf(p + DEEP, "{}");
    memset(p, ']', DEEP);
    (void) strcpy(p + DEEP, ",\"app_metadata\":{},\"user_metadata\":{}}");

    assert_int_equal(test_rewrite(&t, user, strlen(user), &out), PROFILE_OK);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);

    free(out.data);
    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_add(cases[i].name, test_mapping, &cases[i]);
    }

    test_add("M7.5 in arrays in arrays, of any depth", test_deep, NULL);

    return test_run();
}
