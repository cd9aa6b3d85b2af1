// The service over HTTP with Go's standard library: JSON by POST. `archcalc serve --http 127.0.0.1:8080`, then
// `go run client.go [URL [TOKEN]]`.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// Analysis is what this client reads of an answer; counts are text in JSON, as they may exceed 2^53.
type Analysis struct {
	Totals struct {
		Values map[string]struct {
			Whole int64 `json:"whole,string"`
		} `json:"values"`
	} `json:"totals"`
}

// ask sends a request and reads its answer; an error has the server's code and its sentence.
func ask(url, token, call string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	asked, err := http.NewRequest("POST", url+"/archcalc.v1.ArchcalcService/"+call, bytes.NewReader(body))
	if err != nil {
		return err
	}
	asked.Header.Set("content-type", "application/json")
	if token != "" {
		asked.Header.Set("authorization", "Bearer "+token)
	}
	client := http.Client{Timeout: time.Minute}
	response, err := client.Do(asked)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var failure struct{ Code, Message string }
		if err := json.NewDecoder(response.Body).Decode(&failure); err != nil {
			return fmt.Errorf("%s: %w", response.Status, err)
		}
		return fmt.Errorf("%s: %s", failure.Code, failure.Message)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func main() {
	url, token := "http://127.0.0.1:8080", ""
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	if len(os.Args) > 2 {
		token = os.Args[2]
	}
	for _, name := range []string{"vgg16", "vgg61"} {
		var answer struct{ Analysis Analysis }
		request := map[string]any{"network": map[string]any{"name": name}}
		if err := ask(url, token, "Analyze", request, &answer); err != nil {
			fmt.Println(err)
			continue
		}
		values := answer.Analysis.Totals.Values
		fmt.Println(name, values["params"].Whole, values["mult_adds"].Whole)
	}
}
