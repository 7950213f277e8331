use super::*;
use crate::model::Texts;
use serde_json::json;

fn render(template: &str, body: &str) -> Result<String, TemplateError> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (path, query, header) = ([pair("id", "7")], [pair("q", "one two")], [pair("X-Name", "Ada")]);
    let parameters = Parameters { path: &path, querystring: &query, header: &header };
    let variables = Texts::from([("colour".to_owned(), "red".to_owned())]);
    let context = json!({"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}, "responseOverride": {"header": {}}});
    let scope = Scope { input: Input::new(body, parameters), context, stage_variables: &variables };
    Template::parse(template)?.render(scope).map(|rendered| rendered.text)
}

fn check(body: &str, cases: &[(&str, &str)]) {
    for (template, expected) in cases {
        assert_eq!(render(template, body).as_deref(), Ok(*expected), "{template}");
    }
}

#[test]
fn references_render_their_values_and_nothing_where_there_is_none() {
    check(
        r#"{"a": "b"}"#,
        &[
            ("plain $ text # here 5$ ", "plain $ text # here 5$ "),
            ("#set($x = 1)$x ${x}y $!x $!{x}", "1 1y 1 1"),
            ("[$missing][$missing.a.b()]", "[][]"),
            ("$context.stage $context.identity.sourceIp $stageVariables.colour", "dev 127.0.0.1 red"),
            (r"\$x \#if|#set($x = 1)\$x \\$x", r"\$x #if|$x \1"),
            ("#[[ $raw #if ]]#", " $raw #if "),
            ("a## gone\nb#* gone *#c", "abc"),
        ],
    );
}

#[test]
fn directives_steer() {
    check(
        "",
        &[
            ("#if(true)a#else b#end", "a"),
            ("#if(false)a#elseif(1 == 1)b#{else}c#end", "b"),
            ("#if($none)a#{else}c#end", "c"),
            ("#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end", "1,2,3"),
            ("#foreach($i in [3..1])$i#end", "321"),
            ("#foreach($i in [1,2,3])#if($i == 2)#break#end$i#end!", "1!"),
            ("a#stop b", "a"),
            ("#set($i = 5)#foreach($i in [1])$i#end$i", "15"),
            ("  #set($a = 1)\n{\n#if($a == 1)\n  yes\n#end\n}", "{\n  yes\n}"),
        ],
    );
}

#[test]
fn expressions_follow_the_usual_precedence() {
    check(
        "",
        &[
            ("#set($x = 1 + 2 * 3)$x", "7"),
            ("#set($x = (1 + 2) * 3)$x", "9"),
            ("#set($x = 7 / 2)$x #set($y = 7 % 4)$y #set($z = 7 / 2.0)$z", "333.5"),
            ("#set($x = 1 / 0)[$x]", "[]"),
            ("#set($x = 'a' + 1)$x", "a1"),
            ("#if(1 < 2 && 2 <= 2 || false)y#end", "y"),
            ("#if(1 lt 2 and not (2 gt 3))y#end", "y"),
            ("#if(!$none)y#end", "y"),
            ("#if(\"a\" == 'a' && 'a' != 'b')y#end", "y"),
            ("#set($n = 'Ada')#set($g = \"Hi $n ${n}!\")$g", "Hi Ada Ada!"),
            ("#set($x = -3)$x", "-3"),
        ],
    );
}

#[test]
fn strings_lists_and_maps_have_javas_methods() {
    check(
        "",
        &[
            ("#set($s = 'Hello')$s.length() $s.substring(1,3) $s.toUpperCase() $s.indexOf('l')", "5 el HELLO 2"),
            ("#set($s = 'a,b,,')$s.split(',').size() $s.replaceAll('[ab]', 'x')", "2 x,x,,"),
            ("#set($s = 'ab12')$s.matches('[a-z]+\\d+') $s.startsWith('ab') $s.contains('z')", "true true false"),
            (
                "#set($l = [1, 'b'])#set($ok = $l.add(3))$l $l.size() $l[0] $l.get(1) $l.contains(3)",
                "[1, b, 3] 3 1 b true",
            ),
            ("#set($m = {'a': 1})#set($m.b = 2)#set($m['c'] = 3)$m $m.a $m.get('b') $m['c']", "{a=1, b=2, c=3} 1 2 3"),
            ("#set($m = {'a': 1})#foreach($k in $m.keySet())$k=$m.get($k)#end", "a=1"),
            ("#set($m = {'a': 1})#foreach($e in $m.entrySet())$e.key:$e.value#end", "a:1"),
        ],
    );
}

/// Recorded: test_input_path_template_formatting.
#[test]
fn maps_print_as_java_and_lists_from_json_as_json() {
    for (body, path, expected) in [
        (r#"{"foo":"bar"}"#, "$", "{foo=bar}"),
        (r#"[{"foo":"bar"}]"#, "$", r#"[{"foo":"bar"}]"#),
        (r#"{"foo":[{"nested":"bar"}]}"#, "$", r#"{foo=[{"nested":"bar"}]}"#),
        (r#"{"bigger":"dict","to":"test","with":"separators"}"#, "$", "{bigger=dict, to=test, with=separators}"),
        (r#"{"a":null}"#, "$.a", ""),
    ] {
        assert_eq!(render(&format!("$input.path('{path}')"), body).as_deref(), Ok(expected), "{body}");
    }
}

/// Recorded: test_input_body_formatting.
#[test]
fn the_input_is_the_request() {
    check(
        "",
        &[("$input.body", "{}"), ("Action=SendMessage&MessageBody=$input.body", "Action=SendMessage&MessageBody={}")],
    );
    check(
        "some raw data",
        &[("$input.body|$util.urlEncode($input.body)|$util.urlEncode($input.body.x)", "some raw data|some+raw+data|")],
    );
    check(
        r#"{"some": "value", "list": [1]}"#,
        &[
            ("$util.urlEncode('{\"some\": \"value\"}')", "%7B%22some%22%3A+%22value%22%7D"),
            ("$input.json('$')", r#"{"some":"value","list":[1]}"#),
            ("$input.json('$.some') $input.json('$.list') $input.json('$.no')", r#""value" [1] """#),
            ("$input.path('$.some').length()", "5"),
            ("$input.params('id') $input.params('q') $input.params('x-name')", "7 one two Ada"),
            ("$input.params().header.get('X-Name') $input.params().path.id", "Ada 7"),
            ("#foreach($k in $input.params().keySet())$k #end", "path querystring header "),
        ],
    );
}

#[test]
fn utilities_convert() {
    check(
        "",
        &[
            (r#"$util.escapeJavaScript('a"b/ü')"#, r#"a\"b\/\u00FC"#),
            ("$util.parseJson('{\"a\": [1, 2]}').a[1]", "2"),
            ("$util.urlDecode('a+b%20c')", "a b c"),
            ("$util.base64Encode('slam') $util.base64Decode('c2xhbQ==')", "c2xhbQ== slam"),
        ],
    );
}

/// Recorded: test_integration_mock_with_response_override_in_request_template.
#[test]
fn overrides_remain_in_the_context() {
    let template = "#set($context.responseOverride.status = 444)\
                    #set($context.responseOverride.header.fooHeader = 'bar')\
                    #set($context.responseOverride.custom = 'is also passed around'){\"statusCode\": 200}";
    let variables = Texts::new();
    let scope = Scope {
        input: Input::new("", Parameters::default()),
        context: json!({"responseOverride": {"header": {}}}),
        stage_variables: &variables,
    };
    let rendered = Template::parse(template).unwrap().render(scope).unwrap();
    assert_eq!(rendered.text, "{\"statusCode\": 200}");
    assert_eq!(
        rendered.context,
        json!({"responseOverride": {"header": {"fooHeader": "bar"}, "status": 444, "custom": "is also passed around"}})
    );
}

#[test]
fn bounds_hold() {
    assert_eq!(render("#foreach($i in [1..1001])x#end", ""), Err(TemplateError::Iterations(1000)));
    let nested = "#foreach($a in [1..1000])#foreach($b in [1..1000])x#end#end";
    assert_eq!(render(nested, ""), Err(TemplateError::Steps(100_000)));
    let doubling = "#set($s = 'xxxxxxxxxxxxxxxx')#foreach($i in [1..30])#set($s = $s + $s)$s#end";
    assert!(matches!(render(doubling, ""), Err(TemplateError::Output(_))));
    let growing = "#set($s = 'xxxxxxxxxxxxxxxx')#foreach($i in [1..60])#set($s = $s + $s)#end";
    assert!(matches!(render(growing, ""), Err(TemplateError::Output(_))));
    let endless = "#set($l = [1])#set($x = $l.add($l))#set($x = $l.add($l))$l";
    assert!(matches!(render(endless, ""), Err(TemplateError::Output(_))));
    assert!(matches!(render(&"#if(".repeat(500), ""), Err(TemplateError::Syntax { .. })));
    assert!(matches!(render(&format!("#set($x = {}1)", "(".repeat(5000)), ""), Err(TemplateError::Syntax { .. })));
}

/// Each is a way to make much of little.
#[test]
fn what_methods_blocks_and_evaluated_texts_make_is_bounded() {
    let large = "#set($s = 'xxxxxxxxxx')#foreach($i in [1..5])#set($s = $s.repeat(10))#end";
    for template in [
        "$s.repeat(2000)",
        "$s.replace('', $s)",
        "$s.replaceAll('x', $s)",
        "$s.join($s, $s, $s, $s, $s, $s, $s, $s, $s, $s, $s, $s)$s.format('%s%s%s%s%s%s', $s, $s, $s, $s, $s, $s)",
        "#foreach($i in [1..1000])#foreach($j in [1..1000])#if($s.contains($i))#end#end#end",
        "#foreach($i in [1..1000])#if($s == \"$s!\")#end#foreach($j in [1..90])#set($t = $s.concat('y'))#end#end",
    ] {
        let found = render(&format!("{large}{template}"), "");
        // A pattern that matches too often is given up before.
        let bounded =
            |error| matches!(error, TemplateError::Output(_) | TemplateError::Steps(_) | TemplateError::Fails { .. });
        assert!(found.is_err_and(bounded), "{template}");
    }
    let blocks: String = (1..150).map(|i| format!("#define($b{i})$b{}$b{}#end", i - 1, i - 1)).collect();
    for (template, expected) in [
        ("#define($d)a$d#end$d".to_owned(), Ok("aa$d".to_owned())),
        (format!("{blocks}$b20"), Ok(String::new())),
        (format!("{blocks}$b140"), Err(TemplateError::Levels(100))),
        ("#set($t = '#evaluate($t)')#evaluate($t)".to_owned(), Err(TemplateError::Levels(100))),
    ] {
        assert_eq!(render(&template, "").map(|text| text.replace("$b0", "")), expected, "{template:.60}");
    }
    let doubled = format!("{blocks}$b60");
    assert!(matches!(render(&doubled, ""), Err(TemplateError::Steps(_) | TemplateError::Levels(_))));
    let found = render("$input.path('$..[?(@ in $..*)]')", &format!("[{}1]", "1,".repeat(20_000)));
    assert_eq!(found, Err(TemplateError::Steps(1_000_000)));
    assert!(matches!(render("$input.path('$')", &"[".repeat(5000)), Err(TemplateError::Json)));
}

#[test]
fn what_cannot_be_read_says_where() {
    for (template, line) in [("a\n#if(true)\nb", 3), ("#set($x 1)", 1), ("\n\n#foreach(x in [])#end", 3), ("#end", 1)] {
        match render(template, "") {
            Err(TemplateError::Syntax { line: found, .. }) => assert_eq!(found, line, "{template}"),
            other => panic!("{template}: {other:?}"),
        }
    }
    assert!(matches!(render("#macro(x)#end", ""), Err(TemplateError::Syntax { .. })));
    assert!(matches!(render("$util.nothing(1)", ""), Err(TemplateError::Method { .. })));
}
