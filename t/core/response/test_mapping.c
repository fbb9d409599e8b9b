
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what becomes of the members of one user (M2 to M5), above all what
 * the schema that is shipped does not make use of.  Each body is rewritten in
 * pieces of every size.
 */


#include "response/mapping_test.h"


static const mapping_t  cases[] = {

    { "M2 names are compared after unescaping",
      "drop hobby; identity email;",
      "{'user_id':1,'hob\\u0062y':2,'\\u0065mail':3,'Hobby':4}",
      "{'user_id':1,'\\u0065mail':3,'app_metadata':{'Hobby':4},"
      "'user_metadata':{}}" },

    { "M2 the provider is what stands before the first bar",
      "provider p a; provider p|q b;",
      "{'user_id':'p|q|1','a':1,'b':2}",
      "{'user_id':'p|q|1','a':1,'app_metadata':{'b':2},"
      "'user_metadata':{}}" },

    { "M2 an id without a bar has no provider",
      "provider p a;",
      "{'user_id':'p','a':1}",
      "{'user_id':'p','app_metadata':{'a':1},'user_metadata':{}}" },

    { "M2 an empty id has no provider",
      "provider p a;",
      "{'user_id':'','a':1}",
      "{'user_id':'','app_metadata':{'a':1},'user_metadata':{}}" },

    { "M2 an id that is no string has no provider",
      "provider p a;",
      "{'user_id':['p|1'],'a':1}",
      "{'user_id':['p|1'],'app_metadata':{'a':1},'user_metadata':{}}" },

    { "M2 a user without an id has no provider",
      "provider p a; provider * b;",
      "{'identities':[],'a':1,'b':2}",
      "{'identities':[],'b':2,'app_metadata':{'a':1},"
      "'user_metadata':{}}" },

    { "M2 an id is unescaped",
      "provider a/b x;",
      "{'user_id':'\\u0061\\/b\\u007c1','x':1}",
      "{'user_id':'\\u0061\\/b\\u007c1','x':1,'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M2 the id may stand behind what depends on it",
      "provider p a;",
      "{'a':1,'b':2,'user_id':'p|1'}",
      "{'a':1,'user_id':'p|1','app_metadata':{'b':2},"
      "'user_metadata':{}}" },

    { "M2 of two ids the last counts",
      "provider p a; provider q b;",
      "{'user_id':'p|1','a':1,'b':2,'user_id':'q|1'}",
      "{'user_id':'q|1','b':2,'app_metadata':{'a':1},"
      "'user_metadata':{}}" },

    { "M2 linked accounts do not count",
      "provider p a;",
      "{'identities':[{'provider':'p','profileData':{'a':1}}],'a':2}",
      "{'identities':[{'provider':'p','profileData':{'a':1}}],"
      "'app_metadata':{'a':2},'user_metadata':{}}" },

    { "M2.1 containers that are null",
      "",
      "{'user_id':1,'metadata':null,'user_metadata':null,"
      "'app_metadata':null}",
      "{'user_id':1,'app_metadata':{},'user_metadata':{}}" },

    { "M2.2 drop",
      "drop a c e;",
      "{'a':1,'user_id':2,'c':{'x':[]},'e':'z'}",
      "{'user_id':2,'app_metadata':{},'user_metadata':{}}" },

    { "M2.2 drop leaves what stands in a container",
      "drop a;",
      "{'user_id':1,'a':2,'app_metadata':{'a':3},'user_metadata':{'a':4}}",
      "{'user_id':1,'app_metadata':{'a':3},'user_metadata':{'a':4}}" },

    { "M2.3 rename keeps the place and the value",
      "rename lastLogin last_login; identity z;",
      "{'lastLogin':'x\\n','user_id':1,'z':2}",
      "{'last_login':'x\\n','user_id':1,'z':2,'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M2.3 the new name's own value wins, before",
      "rename a b;",
      "{'user_id':1,'b':2,'a':3}",
      "{'user_id':1,'b':2,'app_metadata':{},'user_metadata':{}}" },

    { "M2.3 the new name's own value wins, behind",
      "rename a b;",
      "{'user_id':1,'a':3,'b':null}",
      "{'user_id':1,'b':null,'app_metadata':{},'user_metadata':{}}" },

    { "M2.3 a new name is escaped",
      "rename a 'say \\\"\\\\'; rename b '\xc3\xa9'; rename c '\x01\x7f';",
      "{'a':1,'user_id':2,'b':3,'c':4}",
      "{'say \\\"\\\\':1,'user_id':2,'\xc3\xa9':3,'\\u0001\x7f':4,"
      "'app_metadata':{},'user_metadata':{}}" },

    { "M2.4 identity keeps its place",
      "identity a b;",
      "{'b':1,'x':2,'a':{'y':3},'user_id':4}",
      "{'b':1,'a':{'y':3},'user_id':4,'app_metadata':{'x':2},"
      "'user_metadata':{}}" },

    { "M2.5 an exact name before a provider, in both containers",
      "provider p plan location; app_metadata plan; user_metadata location;",
      "{'user_id':'p|1','plan':1,'location':2}",
      "{'user_id':'p|1','app_metadata':{'plan':1},"
      "'user_metadata':{'location':2}}" },

    { "M2.6 both prefixes",
      "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;",
      "{'user_id':1,'um_a':2,'am_b':3,'um_':4,'c':5,'um_um_d':6}",
      "{'user_id':1,'app_metadata':{'b':3,'um_':4,'c':5},"
      "'user_metadata':{'a':2,'um_d':6}}" },

    { "M2.6 the rest keeps its escapes",
      "metadata_prefix user_metadata um_;",
      "{'user_id':1,'\\u0075m_a\\n\\u00e9':2,'u\\u006d\\u005f\\u0061':3}",
      "{'user_id':1,'app_metadata':{},"
      "'user_metadata':{'a\\n\\u00e9':2,'\\u0061':3}}" },

    { "M2.6 a prefix in an escape of its own",
      "metadata_prefix user_metadata '\\\"';",
      "{'user_id':1,'\\\"a':2,'\\u0022b':3,'\\\"':4}",
      "{'user_id':1,'app_metadata':{'\\\"':4},"
      "'user_metadata':{'a':2,'b':3}}" },

    { "M2.6 a rest that is identity elsewhere",
      "metadata_prefix user_metadata um_;",
      "{'user_id':1,'um_user_id':2,'um_app_metadata':{'a':3}}",
      "{'user_id':1,'app_metadata':{},"
      "'user_metadata':{'user_id':2,'app_metadata':{'a':3}}}" },

    { "M2.7 names and patterns of the provider",
      "provider p a ~x_.*; provider q b; provider * c ~y_.*;",
      "{'user_id':'p|1','a':1,'b':2,'c':3,'x_1':4,'y_1':5}",
      "{'user_id':'p|1','a':1,'c':3,'x_1':4,'y_1':5,"
      "'app_metadata':{'b':2},'user_metadata':{}}" },

    { "M2.8 a pattern moves",
      "user_metadata ~pref_.*;",
      "{'user_id':1,'pref_a':2,'pref_':3,'xpref_b':4}",
      "{'user_id':1,'app_metadata':{'xpref_b':4},"
      "'user_metadata':{'pref_a':2,'pref_':3}}" },

    { "M2.8 as= renames, several users' worth of names",
      "user_metadata ~pref_(.*) as=$1; app_metadata ~(.)_(.) as=$2_$1;",
      "{'pref_a':1,'pref_long_name':2,'user_id':3,'x_y':4,'z_w':5,"
      "'pref_b':6}",
      "{'user_id':3,'app_metadata':{'y_x':4,'w_z':5},"
      "'user_metadata':{'a':1,'long_name':2,'b':6}}" },

    { "M2.8 as= writes the name anew",
      "user_metadata ~p_(.*) as=$1;",
      "{'user_id':1,'p_\\u0061\\u00e9\\u0022\\/':2,'p_\\u0000':3}",
      "{'user_id':1,'app_metadata':{},"
      "'user_metadata':{'a\xc3\xa9\\\"/':2,'\\u0000':3}}" },

    { "M2.8 as= may make an empty name",
      "user_metadata ~p_(.*) as=$1;",
      "{'user_id':1,'p_':2}",
      "{'user_id':1,'app_metadata':{},'user_metadata':{'':2}}" },

    { "M2.8 as= with a quote",
      "user_metadata ~(.*)_p as=\\\"$1;",
      "{'user_id':1,'a_p':2}",
      "{'user_id':1,'app_metadata':{},'user_metadata':{'\\\"a':2}}" },

    { "M2.8 no pattern matches a lone surrogate",
      "user_metadata ~.*;",
      "{'user_id':1,'\\ud83d':2,'\\ud83d\\ude00':3}",
      "{'user_id':1,'app_metadata':{'\\ud83d':2},"
      "'user_metadata':{'\\ud83d\\ude00':3}}" },

    { "M2.9 default app_metadata",
      "default app_metadata;",
      "{'user_id':1,'a':2}",
      "{'user_id':1,'app_metadata':{'a':2},'user_metadata':{}}" },

    { "M2.9 default user_metadata",
      "default user_metadata;",
      "{'user_id':1,'a':2,'metadata':{'b':3},'app_metadata':{'c':4}}",
      "{'user_id':1,'app_metadata':{'c':4,'b':3},"
      "'user_metadata':{'a':2}}" },

    { "M2.9 default root",
      "default root; user_metadata b; drop c;",
      "{'x':1,'user_id':2,'b':3,'c':4,'metadata':{'d':5}}",
      "{'x':1,'user_id':2,'app_metadata':{'d':5},"
      "'user_metadata':{'b':3}}" },

    { "M3.1 first the container, then the root, then metadata",
      "",
      "{'metadata':{'m':1},'r':2,'app_metadata':{'a':3},'s':4,'user_id':5}",
      "{'user_id':5,'app_metadata':{'a':3,'r':2,'s':4,'m':1},"
      "'user_metadata':{}}" },

    { "M3.2 first the container, then the root",
      "user_metadata r s;",
      "{'r':2,'user_metadata':{'a':3},'s':4,'user_id':5}",
      "{'user_id':5,'app_metadata':{},"
      "'user_metadata':{'a':3,'r':2,'s':4}}" },

    { "M3.3 a prefix before the root, the container and metadata",
      "metadata_prefix app_metadata am_;",
      "{'user_id':1,'am_a':'prefix','a':'root',"
      "'app_metadata':{'a':'container'},'metadata':{'a':'metadata'}}",
      "{'user_id':1,'app_metadata':{'a':'prefix'},'user_metadata':{}}" },

    { "M3.3 a prefix before the root, whichever is first",
      "metadata_prefix app_metadata am_;",
      "{'user_id':1,'a':'root','am_a':'prefix','b':'root','c':3,"
      "'am_c':4}",
      "{'user_id':1,'app_metadata':{'a':'prefix','b':'root','c':4},"
      "'user_metadata':{}}" },

    { "M3.3 the root before the container and metadata",
      "",
      "{'user_id':1,'app_metadata':{'x':0,'a':'container','y':9},"
      "'a':'root','metadata':{'a':'metadata'}}",
      "{'user_id':1,'app_metadata':{'x':0,'a':'root','y':9},"
      "'user_metadata':{}}" },

    { "M3.3 the container before metadata",
      "",
      "{'user_id':1,'metadata':{'a':'metadata','b':2},"
      "'app_metadata':{'a':'container'}}",
      "{'user_id':1,'app_metadata':{'a':'container','b':2},"
      "'user_metadata':{}}" },

    { "M3.3 the root before metadata, at the root's place",
      "",
      "{'metadata':{'a':'metadata'},'user_id':1,'b':2,'a':'root'}",
      "{'user_id':1,'app_metadata':{'b':2,'a':'root'},"
      "'user_metadata':{}}" },

    { "M3.3 in user_metadata",
      "metadata_prefix user_metadata um_; user_metadata a b;",
      "{'user_id':1,'um_a':'prefix','a':'root','b':'root',"
      "'user_metadata':{'a':'container','b':'container','c':3}}",
      "{'user_id':1,'app_metadata':{},"
      "'user_metadata':{'a':'prefix','b':'root','c':3}}" },

    { "M3.3 names in the two containers have nothing to do with each other",
      "user_metadata b;",
      "{'user_id':1,'app_metadata':{'a':1,'b':2},"
      "'user_metadata':{'a':3,'b':4},'a':5,'b':6}",
      "{'user_id':1,'app_metadata':{'a':5,'b':2},"
      "'user_metadata':{'a':3,'b':6}}" },

    { "M3.3 names made by as= are compared too",
      "app_metadata ~p_(.*) as=$1; app_metadata ~q_(.*) as=$1;",
      "{'user_id':1,'p_a':1,'q_a':2,'app_metadata':{'a':0},'p_b':3,"
      "'q_b':4}",
      "{'user_id':1,'app_metadata':{'a':2,'b':4},'user_metadata':{}}" },

    { "M3.3 names are compared after unescaping, the first one is written",
      "",
      "{'user_id':1,'app_metadata':{'\\u0061':1},'a':2,"
      "'metadata':{'b':3,'\\u0062':4}}",
      "{'user_id':1,'app_metadata':{'\\u0061':2,'b':4},"
      "'user_metadata':{}}" },

    { "M3.3 only the first level is merged",
      "",
      "{'user_id':1,'app_metadata':{'a':{'x':1}},'a':{'y':2}}",
      "{'user_id':1,'app_metadata':{'a':{'y':2}},'user_metadata':{}}" },

    { "M3.4 both containers are always written",
      "",
      "{'user_id':1}",
      "{'user_id':1,'app_metadata':{},'user_metadata':{}}" },

    { "M3.5 containers that are neither object nor null",
      "",
      "{'user_id':1,'metadata':2,'user_metadata':[3],'app_metadata':'4'}",
      "{'user_id':1,'app_metadata':{'metadata':2,'user_metadata':[3],"
      "'app_metadata':'4'},'user_metadata':{}}" },

    { "M3.7 empty arrays are empty containers",
      "",
      "{'user_id':1,'metadata':[],'user_metadata':[ \t\n ],'a':2,"
      "'app_metadata' : [\r]}",
      "{'user_id':1,'app_metadata':{'a':2},'user_metadata':{}}" },

    { "M3.7 and others are none, in whatever they begin",
      "",
      "{'user_id':1,'metadata':[[]],'user_metadata':[ {} ],"
      "'app_metadata':[null],'a':[],'Metadata':[]}",
      "{'user_id':1,'app_metadata':{'metadata':[[]],'user_metadata':[ {} ],"
      "'app_metadata':[null],'a':[],'Metadata':[]},'user_metadata':{}}" },

    { "M3.7 the last one counts",
      "",
      "{'user_id':1,'app_metadata':{'a':1},'user_metadata':[],"
      "'app_metadata':[],'user_metadata':{'b':2}}",
      "{'user_id':1,'app_metadata':{},'user_metadata':{'b':2}}" },

    { "M3.5 wherever the default is",
      "default root;",
      "{'user_id':1,'user_metadata':true}",
      "{'user_id':1,'app_metadata':{'user_metadata':true},"
      "'user_metadata':{}}" },

    { "M3.5 in the middle of others",
      "",
      "{'a':1,'user_metadata':false,'user_id':1,'b':2}",
      "{'user_id':1,'app_metadata':{'a':1,'user_metadata':false,'b':2},"
      "'user_metadata':{}}" },

    { "M3.5 conflicts with a member of that name",
      "",
      "{'user_id':1,'app_metadata':{'metadata':1},'metadata':2}",
      "{'user_id':1,'app_metadata':{'metadata':2},'user_metadata':{}}" },

    { "M3.6 keep is the default",
      "",
      "{'user_id':1,'a':null,'app_metadata':{'b':null},"
      "'user_metadata':{'c':null},'metadata':{'d':null}}",
      "{'user_id':1,'app_metadata':{'b':null,'a':null,'d':null},"
      "'user_metadata':{'c':null}}" },

    { "M3.6 omit",
      "null_metadata omit; identity e;",
      "{'user_id':1,'e':null,'a':null,'app_metadata':{'b':null,'x':1},"
      "'user_metadata':{'c':null},'metadata':{'d':null,'y':2}}",
      "{'user_id':1,'e':null,'app_metadata':{'x':1,'y':2},"
      "'user_metadata':{}}" },

    { "M3.6 omit looks at what wins, and at the first level alone",
      "null_metadata omit;",
      "{'user_id':1,'app_metadata':{'a':null,'b':1,'c':{'d':null}},'a':2,"
      "'b':null,'e':[null]}",
      "{'user_id':1,'app_metadata':{'a':2,'c':{'d':null},'e':[null]},"
      "'user_metadata':{}}" },

    { "M3.8 a null of what is kept as metadata",
      "null_metadata omit; provider a; provider b; identity n;"
      "writable n for=a via=metadata;",
      "{'user_id':'a|1','n':null,'e':1}",
      "{'user_id':'a|1','app_metadata':{'e':1},'user_metadata':{}}" },

    { "M3.8 a null of the same name elsewhere",
      "null_metadata omit; provider a; provider b; identity n;"
      "writable n for=a via=metadata;",
      "{'user_id':'b|1','n':null,'app_metadata':{'n':2}}",
      "{'user_id':'b|1','n':null,'app_metadata':{'n':2},"
      "'user_metadata':{}}" },

    { "M3.8 what is kept as metadata stays in the root",
      "null_metadata omit; default user_metadata; provider a;"
      "writable n for=a via=metadata;",
      "{'user_id':'b|1','n':'N','o':'O'}",
      "{'user_id':'b|1','n':'N','app_metadata':{},"
      "'user_metadata':{'o':'O'}}" },

    { "M3.8 null_metadata keep",
      "writable n via=metadata;",
      "{'user_id':1,'n':null}",
      "{'user_id':1,'n':null,'app_metadata':{},'user_metadata':{}}" },

    { "M4.1 no identity_drop, nothing goes",
      "",
      "{'identities':[{'access_token':1}],'access_token':2}",
      "{'identities':[{'access_token':1}],"
      "'app_metadata':{'access_token':2},'user_metadata':{}}" },

    { "M4.1 members of each object in identities",
      "identity_drop t u;",
      "{'identities':[{'t':1,'a':2},{'a':3,'u':4},{'t':5,'u':6}]}",
      "{'identities':[{'a':2},{'a':3},{}],'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M4.1 identities that is an object",
      "identity_drop t;",
      "{'identities':{'t':1,'a':2},'user_id':3}",
      "{'identities':{'a':2},'user_id':3,'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M4.1 names after unescaping, all of them",
      "identity_drop t;",
      "{'identities':[{'\\u0074':1,'a':2,'t':3}]}",
      "{'identities':[{'a':2}],'app_metadata':{},'user_metadata':{}}" },

    { "M4.1 deeper, too, but neither the root nor metadata",
      "identity_drop t; identity t;",
      "{'t':0,'identities':[{'a':{'t':1}},[{'t':2}],'t'],"
      "'app_metadata':{'t':3}}",
      "{'t':0,'identities':[{'a':{}},[{}],'t'],"
      "'app_metadata':{'t':3},'user_metadata':{}}" },

    { "M4.1 lists in lists, whatever stands before them",
      "identity_drop t;",
      "{'identities':[{'a':1,'t':2},[3,{'b':4}],{'t':5},[[{'t':6}]]]}",
      "{'identities':[{'a':1},[3,{'b':4}],{},[[{}]]],'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M4.1 what is left out is left out with all that it holds",
      "identity_drop t;",
      "{'identities':[{'t':{'a':[{'t':1}],'b':2},'c':{'t':3,'d':{'t':'}]'}}},"
      "{'a':{'t':[{},{}]},'b':{'c':1}},{'t':'\\\"}','u':1}]}",
      "{'identities':[{'c':{'d':{}}},{'a':{},'b':{'c':1}},{'u':1}],"
      "'app_metadata':{},'user_metadata':{}}" },

    { "M4.1 first, last, side by side",
      "identity_drop t;",
      "{'identities':[{'t':1,'t':2,'a':3,'t':4,'t':5,'b':6,'t':7,'t':8},"
      "{'t':1 , 't':2 } , { 't' : 3 , 'a' : { 't' : 4 } , 't' : 5 } ]}",
      "{'identities':[{'a':3,'b':6},{} , {'a':{}} ],"
      "'app_metadata':{},'user_metadata':{}}" },

    { "M4.1 what loses nothing keeps its bytes inside of what does",
      "identity_drop t;",
      "{'identities':[ { 't' : 1 , 'a' : [ { 'b' : 2 } , 3 ] } ]}",
      "{'identities':[ {'a':[ { 'b' : 2 } , 3 ]} ],'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M4.1 no letter case, no low lines",
      "identity_drop access_token refreshToken;",
      "{'identities':[{'Access_Token':1,'accessToken':2,'ACCESSTOKEN':3,"
      "'_access__token_':4,'refresh_token':5,"
      "'acce\\u017f\\u017f_to\\u212aen':6,'access-token':7,"
      "'access_toke':8,'access_tokens':9,'_':10,'':11}]}",
      "{'identities':[{'access-token':7,'access_toke':8,'access_tokens':9,"
      "'_':10,'':11}],'app_metadata':{},'user_metadata':{}}" },

    { "M4.3 whatever is read as identities",
      "identity_drop t; user_metadata ~IDEN.* as=x; drop i_dentities;",
      "{'user_id':1,'Identities':[{'t':1,'a':2}],'identities':{'T':3},"
      "'_identities':{'b':{'t':4}},'identitie':{'t':5},'IDENTITIES':[{'t':6}],"
      "'i_dentities':[{'t':7}]}",
      "{'user_id':1,'identities':{},'app_metadata':{'Identities':[{'a':2}],"
      "'_identities':{'b':{}},'identitie':{'t':5}},"
      "'user_metadata':{'x':[{}]}}" },

    { "M4.3 in a container it is a name like any other",
      "identity_drop t;",
      "{'user_id':1,'app_metadata':{'Identities':[{'t':1}]},"
      "'user_metadata':{'identities':{'t':2}}}",
      "{'user_id':1,'app_metadata':{'Identities':[{'t':1}]},"
      "'user_metadata':{'identities':{'t':2}}}" },

    { "M4.3 over one in a container",
      "identity_drop t;",
      "{'user_id':1,'app_metadata':{'Identities':[{'t':1}]},"
      "'Identities':{'t':2,'u':3}}",
      "{'user_id':1,'app_metadata':{'Identities':{'u':3}},"
      "'user_metadata':{}}" },

    { "M4.2 what has nothing to drop keeps its bytes",
      "identity_drop t;",
      "{'identities' : [ 1 , { 'a' : 2 } , {'t':3 , 'b' : 4 , 'c':5} , {} ]"
      " , 'user_id' : 6}",
      "{'identities':[ 1 , { 'a' : 2 } , {'b':4,'c':5} , {} ],"
      "'user_id':6,'app_metadata':{},'user_metadata':{}}" },

    { "M4.2 a member that stands twice stays twice",
      "identity_drop t;",
      "{'identities':[{'a':1,'t':2,'a':3}]}",
      "{'identities':[{'a':1,'a':3}],'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M5.4 identities that stand twice",
      "identity_drop t;",
      "{'identities':[{'t':1,'a':1}],'user_id':0,"
      "'identities':[{'t':2,'b':2}]}",
      "{'identities':[{'b':2}],'user_id':0,'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M5.4 identities that stand twice, of other types",
      "identity_drop t;",
      "{'identities':[{'t':1}],'user_id':0,'identities':'x'}",
      "{'identities':'x','user_id':0,'app_metadata':{},"
      "'user_metadata':{}}" },

    { "M5.4 containers that stand twice",
      "",
      "{'user_id':1,'app_metadata':{'a':1},'app_metadata':{'b':2},"
      "'user_metadata':{'c':3},'user_metadata':4}",
      "{'user_id':1,'app_metadata':{'b':2,'user_metadata':4},"
      "'user_metadata':{}}" },

    { "M5.4 a name that stands three times",
      "identity a;",
      "{'a':1,'user_id':0,'a':2,'b':3,'\\u0061':{'x':4}}",
      "{'a':{'x':4},'user_id':0,'app_metadata':{'b':3},"
      "'user_metadata':{}}" },

    { "M5.4 inside a container",
      "",
      "{'user_id':0,'user_metadata':{'a':1,'b':2,'a':3},"
      "'metadata':{'c':4,'c':5}}",
      "{'user_id':0,'app_metadata':{'c':5},"
      "'user_metadata':{'a':3,'b':2}}" },

    { "M5.4 the last root attribute, then M3.3",
      "",
      "{'user_id':0,'a':1,'app_metadata':{'a':2},'a':3}",
      "{'user_id':0,'app_metadata':{'a':3},'user_metadata':{}}" },

    { "M5.4 the old name of a rename twice",
      "rename a b;",
      "{'user_id':0,'a':1,'a':2}",
      "{'user_id':0,'b':2,'app_metadata':{},'user_metadata':{}}" }
};


static void
rewrite(const profile_schema_t *s, const char *text, test_out_t *out)
{
    test_rewrite_t  t;

    memset(&t, 0, sizeof(t));
    t.schema = s;

    assert_int_equal(test_rewrite(&t, text, strlen(text), out), PROFILE_OK);
}


/* what one user left behind does not show in the next ones */

static void
test_one_after_another(void **state)
{
    char              *text, *user;
    size_t             i, j, n;
    test_out_t         apart, list;
    profile_schema_t  *s;

    (void) state;

    s = test_schema("metadata_prefix user_metadata um_; identity_drop t;"
                    "user_metadata ~p_(.*) as=$1; provider p x a;"
                    "rename old new; drop c; identity z e;");

    n = sizeof(cases) / sizeof(cases[0]);

    for (i = 0; i < n; i++) {
        memset(&apart, 0, sizeof(apart));
        memset(&list, 0, sizeof(list));

        text = malloc(65536);
        (void) strcpy(text, "[");
        (void) test_write(&apart, (u_char *) "[", 1);

        for (j = 0; j < 5; j++) {
            user = test_json(cases[(i + j * (i + 1)) % n].user);
            rewrite(s, user, &apart);
            (void) strcat(text, user);
            free(user);

            (void) test_write(&apart, (u_char *) (j < 4 ? "," : "]"), 1);
            (void) strcat(text, j < 4 ? "," : "]");
        }

        rewrite(s, text, &list);

        assert_int_equal(list.len, apart.len);
        assert_memory_equal(list.data, apart.data, list.len);

        free(text);
        free(list.data);
        free(apart.data);
    }

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_add(cases[i].name, test_mapping, &cases[i]);
    }

    test_add("M6.1 one user after another", test_one_after_another, NULL);

    return test_run();
}
