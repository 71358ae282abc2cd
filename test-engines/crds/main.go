// Command crds checks Kubernetes objects as an API server does: against CustomResourceDefinitions, with
// the API server's own code for schemas, unknown fields and rules.
//
//	crds objects.yaml... < definitions.yaml
//
// It prints what is wrong, one line each, and then how many objects it has checked.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/gateway-api/apis/v1"
	lws "sigs.k8s.io/lws/api/leaderworkerset/v1"
	strict "sigs.k8s.io/yaml"
)

// definition is what checks the objects of one kind and version.
type definition struct {
	structural *schema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// typed makes the Go value of a kind, so that its own project's types decode it, too.
var typed = map[string]func() any{
	"gateway.networking.k8s.io/v1 HTTPRoute":      func() any { return &v1.HTTPRoute{} },
	"leaderworkerset.x-k8s.io/v1 LeaderWorkerSet": func() any { return &lws.LeaderWorkerSet{} },
}

func main() {
	definitions, err := readDefinitions(os.Stdin)
	exitOn(err)
	checked := 0
	for _, path := range os.Args[1:] {
		file, err := os.Open(path)
		exitOn(err)
		objects, err := readDocuments(file)
		exitOn(err)
		for _, object := range objects {
			name := fmt.Sprintf("%v %v", object["apiVersion"], object["kind"])
			found, known := definitions[name]
			if !known {
				continue
			}
			checked++
			for _, problem := range found.check(name, object) {
				fmt.Printf("%s: %s\n", path, problem)
			}
		}
	}
	fmt.Printf("checked %d\n", checked)
}

// check returns all that the API server would say of an object.
func (d definition) check(name string, object map[string]any) []string {
	var problems []string
	text, err := strict.Marshal(object)
	exitOn(err)
	if make, known := typed[name]; known {
		if err := strict.UnmarshalStrict(text, make()); err != nil {
			problems = append(problems, err.Error())
		}
	}
	unknown := pruning.PruneWithOptions(runtime.DeepCopyJSON(object), d.structural, true,
		schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		problems = append(problems, "unknown field "+path)
	}
	defaulting.Default(object, d.structural)
	faults := validation.ValidateCustomResource(nil, object, d.schema)
	more, _ := d.rules.Validate(context.Background(), nil, d.structural, object, nil,
		celconfig.RuntimeCELCostBudget)
	for _, fault := range append(faults, more...) {
		problems = append(problems, fault.Error())
	}
	return problems
}

// readDefinitions compiles every served version of the CustomResourceDefinitions of a stream.
func readDefinitions(stream io.Reader) (map[string]definition, error) {
	documents, err := readDocuments(stream)
	if err != nil {
		return nil, err
	}
	definitions := map[string]definition{}
	for _, document := range documents {
		text, err := strict.Marshal(document)
		if err != nil {
			return nil, err
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := strict.Unmarshal(text, &crd); err != nil {
			return nil, err
		}
		for _, version := range crd.Spec.Versions {
			compiled, err := compile(version)
			if err != nil {
				return nil, err
			}
			name := fmt.Sprintf("%s/%s %s", crd.Spec.Group, version.Name, crd.Spec.Names.Kind)
			definitions[name] = compiled
		}
	}
	return definitions, nil
}

func compile(version apiextensionsv1.CustomResourceDefinitionVersion) (definition, error) {
	var props apiextensions.JSONSchemaProps
	err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(
		version.Schema.OpenAPIV3Schema, &props, nil)
	if err != nil {
		return definition{}, err
	}
	structural, err := schema.NewStructural(&props)
	if err != nil {
		return definition{}, err
	}
	validator, _, err := validation.NewSchemaValidator(&props)
	if err != nil {
		return definition{}, err
	}
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	return definition{structural: structural, schema: validator, rules: rules}, nil
}

// readDocuments reads YAML with whole numbers as the API server has them.
func readDocuments(stream io.Reader) ([]map[string]any, error) {
	reader := yaml.NewYAMLReader(bufio.NewReader(stream))
	var documents []map[string]any
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		json, err := strict.YAMLToJSONStrict(text)
		if err != nil {
			return nil, err
		}
		document := map[string]any{}
		if err := utiljson.Unmarshal(json, &document); err != nil {
			return nil, err
		}
		if len(document) > 0 {
			documents = append(documents, document)
		}
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
